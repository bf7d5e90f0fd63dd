"""One request against its policies → a Verdict with its trace. Pure: patterns, conditions, variables, layers.

pattern, resources      what an Action or Resource element covers
variables, operators    policy variables; the table of condition operators
context, context_keys   what is known of each context key, and which follow from principal, resource and account
conditions, principals  condition blocks in three values; whom a Principal element names
statement, policies     compiled documents; the policies around a request
matching, layers        which statements apply; AWS's formulas over them
residual, verdicts      what remains when facts are open; the verdict that follows
witness, samples        a context that satisfies what remains, or the proof that there is none
exceptions, public_access   what KMS, STS, S3 and AWS's own resources do differently
patterns_asked, explain, flips   questions about patterns; which layers block; which single change turns an answer
"""
