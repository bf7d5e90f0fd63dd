"""Facts about IAM users: how they sign in, with which keys, and whether somebody still uses them.

Source of sign-in facts: the credential report (IAM User Guide, "Generate credential reports for your AWS account").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from advisor.advice.emergency import is_emergency
from advisor.advice.facts.moments import days_before, days_to
from advisor.advice.facts.registry import Question, fact
from advisor.model.finding import Evidence, FactValue
from advisor.model.principal import AccessKey, User

_REPORT = "iam:GetCredentialReport"
_DETAILS = "iam:GetAccountAuthorizationDetails"
_TAGS_OF_EXCEPTIONS = ("owner", "expires")


def users_where(q: Question, test: Callable[[User], bool | None], detail: Callable[[User], str]) -> FactValue:
    """Users that pass the test; those of whom it cannot be said make the list incomplete, not shorter."""
    seen: list[tuple[str, Evidence]] = []
    gaps = []
    for user in q.snapshot.users:
        outcome = test(user)
        if outcome is None:
            gaps.append(q.gap(q.definition.call))
        elif outcome:
            seen.append((user.arn, q.seen(user.arn, detail(user))))
    return q.listed(seen, gaps)


def keys_where(q: Question, test: Callable[[AccessKey], str | bool | None]) -> FactValue:
    """Ids of active keys for which the test gives a reason; `None` from the test means that it cannot be said."""
    seen: list[tuple[str, Evidence]] = []
    gaps = []
    for user in q.snapshot.users:
        if user.sign_in.keys is None:
            gaps.append(q.gap(q.definition.call))
        for key in user.sign_in.keys or ():
            outcome = test(key) if key.active else False
            if outcome is None:
                gaps.append(q.gap(q.definition.call))
            elif outcome:
                seen.append((key.id, q.seen(user.arn, f"key {key.id}: {outcome}")))
    return q.listed(seen, gaps)


def active_keys(user: User) -> tuple[AccessKey, ...] | None:
    return None if user.sign_in.keys is None else tuple(key for key in user.sign_in.keys if key.active)


@fact("users.all", "IAM users", _DETAILS)
def users_all(q: Question) -> FactValue:
    return q.listed((user.arn, q.seen(user.arn, "an IAM user")) for user in q.snapshot.users)


@fact("users.console", "users with a console password", _REPORT)
def users_console(q: Question) -> FactValue:
    return users_where(q, lambda user: user.sign_in.console, lambda _: "has a console password")


def _keys_told(keys: tuple[AccessKey, ...] | None) -> str:
    number = len(keys or ())
    return f"{number} active access key{'' if number == 1 else 's'}"


@fact("users.keys", "users with an active access key", _REPORT)
def users_keys(q: Question) -> FactValue:
    def has_keys(user: User) -> bool | None:
        keys = active_keys(user)
        return None if keys is None else bool(keys)

    return users_where(q, has_keys, lambda user: _keys_told(active_keys(user)))


@fact("users.console_no_mfa", "users with a console password and no MFA device", _REPORT)
def users_console_no_mfa(q: Question) -> FactValue:
    def without(user: User) -> bool | None:
        if user.sign_in.console is False or user.sign_in.mfa:
            return False
        return True if user.sign_in.console and user.sign_in.mfa is False else None

    return users_where(q, without, lambda _: "signs in to the console without MFA")


@fact("users.keys_old", "active access keys older than {0} days", _REPORT, ("90",))
def users_keys_old(q: Question, days: str) -> FactValue:
    def old(key: AccessKey) -> str | bool | None:
        age = days_before(key.created, q.snapshot.taken_at)
        return None if age is None else age > int(days) and f"made {age} days ago"

    return keys_where(q, old)


@fact("users.keys_idle", "active access keys unused for {0} days", _REPORT, ("90",))
def users_keys_idle(q: Question, days: str) -> FactValue:
    def idle(key: AccessKey) -> str | bool | None:
        age, used = days_before(key.created, q.snapshot.taken_at), days_before(key.last_used, q.snapshot.taken_at)
        if used is not None:
            return used > int(days) and f"last used {used} days ago"
        if not key.is_use_known:
            return None
        return None if age is None else age > int(days) and f"made {age} days ago, never used"

    return keys_where(q, idle)


@fact("users.idle", "users (emergency ones left out) who used neither password nor key for {0} days", _REPORT, ("90",))
def users_idle(q: Question, days: str) -> FactValue:
    limit = int(days)

    def unused(user: User) -> bool | None:
        sign_in, keys = user.sign_in, active_keys(user)
        age = days_before(user.created, q.snapshot.taken_at)
        if is_emergency(user) or (age is not None and age <= limit):
            return False
        if sign_in.console is None or keys is None:
            return None
        uses = [days_before(key.last_used, q.snapshot.taken_at) for key in keys]
        uses.append(days_before(sign_in.console_last_used, q.snapshot.taken_at))
        if any(use is not None and use <= limit for use in uses):
            return False
        if not all(key.is_use_known for key in keys):
            return None
        return None if sign_in.console and sign_in.console_last_used in (None, "no_information") else True

    return users_where(q, unused, lambda _: f"no sign-in and no key use in {limit} days")


def is_human(user: User) -> bool | None:
    """A guess that the user of the app may correct: a password or an MFA device speaks for a person."""
    if user.sign_in.console or user.sign_in.mfa or user.sign_in.mfa_serials:
        return True
    return None if user.sign_in.console is None else False


def is_machine(user: User) -> bool | None:
    """A guess: an active key and no password speak for a program."""
    keys = active_keys(user)
    if user.sign_in.console or keys == () or user.sign_in.mfa:
        return False
    return None if user.sign_in.console is None or keys is None else True


@fact("users.human", "users who seem to be people", _REPORT)
def users_human(q: Question) -> FactValue:
    return users_where(q, is_human, lambda _: "has a password or an MFA device, so probably a person")


@fact("users.human_daily", "people's users, exceptions and emergency users left out", _REPORT)
def users_human_daily(q: Question) -> FactValue:
    def daily(user: User) -> bool | None:
        return False if is_emergency(user) or user.path.startswith("/exception/") else is_human(user)

    return users_where(q, daily, lambda _: "a person with an IAM user for daily work")


@fact("users.machine", "users that seem to be programs", _REPORT)
def users_machine(q: Question) -> FactValue:
    return users_where(q, is_machine, lambda _: "has an active key and no password, so probably a program")


@fact("users.human_with_keys", "people with an active access key", _REPORT)
def users_human_with_keys(q: Question) -> FactValue:
    def both(user: User) -> bool | None:
        keys = active_keys(user)
        if keys == () or is_human(user) is False:
            return False
        return True if keys and is_human(user) else None

    return users_where(q, both, lambda user: f"a person with {_keys_told(active_keys(user))}")


@fact("users.human_keys", "active access keys of people", _REPORT)
def users_human_keys(q: Question) -> FactValue:
    owners = q.ask("users.human_with_keys")
    if not isinstance(owners.value, tuple):
        return q.because(owners)
    seen = [
        (key.id, q.seen(arn, f"key {key.id} of a person"))
        for arn in owners.value
        for key in active_keys(q.snapshot.user_by_arn[arn]) or ()
    ]
    return q.listed(seen, owners.gaps)


@fact("users.keys_of", "active access keys of one user", _REPORT, ("",))
def users_keys_of(q: Question, arn: str) -> FactValue:
    user = q.snapshot.user_by_arn.get(arn)
    keys = active_keys(user) if user else ()
    return q.unknown() if keys is None else q.listed((key.id, q.seen(arn, f"key {key.id}")) for key in keys)


@fact("users.two_keys", "users with two active access keys", _REPORT)
def users_two_keys(q: Question) -> FactValue:
    def two(user: User) -> bool | None:
        keys = active_keys(user)
        return None if keys is None else len(keys) > 1

    return users_where(q, two, lambda _: "two active access keys")


@fact("users.exceptions_untagged", "programs' users without owner and a coming end date in their tags", _REPORT)
def users_exceptions_untagged(q: Question) -> FactValue:
    def incomplete(user: User) -> bool | None:
        machine = is_machine(user)
        if not machine:
            return machine
        tags = {key.lower(): value for key, value in user.tags}
        left = days_to(tags.get("expires", ""), q.snapshot.taken_at)
        return not (all(tags.get(key) for key in _TAGS_OF_EXCEPTIONS) and left is not None and left >= 0)

    return users_where(q, incomplete, lambda _: "tags `owner` and `expires` (a coming day) are not both there")


@fact("users.direct", "users (emergency ones left out) with policies of their own", _DETAILS)
def users_direct(q: Question) -> FactValue:
    def detail(user: User) -> str:
        names = [policy.name for policy in user.inline] + [arn.rsplit("/", 1)[-1] for arn in user.attached]
        return ", ".join(names)

    return users_where(q, lambda user: bool(user.inline or user.attached) and not is_emergency(user), detail)


@fact("users.direct_people", "people with policies of their own", _REPORT)
def users_direct_people(q: Question) -> FactValue:
    def own(user: User) -> bool | None:
        return is_human(user) if (user.inline or user.attached) and not is_emergency(user) else False

    return users_where(q, own, lambda user: f"{len(user.inline) + len(user.attached)} of its own")


@fact("users.groupless", "users in no group", _DETAILS)
def users_groupless(q: Question) -> FactValue:
    return users_where(q, lambda user: not user.groups, lambda _: "in no group")


@fact("users.equal_policies", "users with the same direct policies as another user", _DETAILS)
def users_equal_policies(q: Question) -> FactValue:
    sets: dict[tuple[tuple[str, ...], tuple[str, ...]], list[User]] = defaultdict(list)
    for user in q.snapshot.users:
        if user.inline or user.attached:
            inline = tuple(sorted(policy.document.digest for policy in user.inline))
            sets[(tuple(sorted(user.attached)), inline)].append(user)
    alike = [users for users in sets.values() if len(users) > 1]
    return q.listed(
        (user.arn, q.seen(user.arn, f"the same policies as {_others(user, users)}"))
        for users in alike
        for user in users
    )


def _others(user: User, users: Iterable[User]) -> str:
    names = [other.name for other in users if other is not user]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


@fact(
    "users.special_creds",
    "users with service-specific credentials, SSH keys or certificates",
    "iam:ListServiceSpecificCredentials",
)
def users_special_creds(q: Question) -> FactValue:
    def special(user: User) -> bool | None:
        return None if user.sign_in.special is None else bool(user.sign_in.special)

    return users_where(q, special, lambda user: ", ".join(user.sign_in.special or ()))


@fact("groups.empty", "groups without members", _DETAILS)
def groups_empty(q: Question) -> FactValue:
    used = {name for user in q.snapshot.users for name in user.groups}
    return q.listed((one.arn, q.seen(one.arn, "no member")) for one in q.snapshot.groups if one.name not in used)


@fact("groups.policyless", "groups without policies", _DETAILS)
def groups_policyless(q: Question) -> FactValue:
    bare = [group for group in q.snapshot.groups if not group.inline and not group.attached]
    return q.listed((group.arn, q.seen(group.arn, "no policy")) for group in bare)


@fact("break_glass.users", "users kept for emergencies", _DETAILS)
def break_glass_users(q: Question) -> FactValue:
    found = [user for user in q.snapshot.users if is_emergency(user)]
    return q.listed((user.arn, q.seen(user.arn, "an emergency user")) for user in found)


@fact("break_glass.weak", "emergency users with keys or without MFA", _REPORT)
def break_glass_weak(q: Question) -> FactValue:
    def weak(user: User) -> bool | None:
        if not is_emergency(user):
            return False
        keys = active_keys(user)
        if keys or user.sign_in.mfa is False:
            return True
        return None if keys is None or user.sign_in.mfa is None else False

    return users_where(q, weak, lambda _: "an access key, or no MFA device")
