"""Texts that mean harm to whoever shows, prints, exports or runs them. Each holds `MARK`, so that it is found again."""

from __future__ import annotations

MARK = "zqz"
"""Stands in each hostile text and in nothing of ours: outside of a quoted string or a text it means a break-out."""

TEXTS: dict[str, str] = {
    "control characters": f"{MARK}\x00\x01\x07\x08\x0b\x0c\x0e\x7f\x80\x85\x9b31m",
    "ansi": f"\x1b[31m{MARK}\x1b[0m\x1b[2J\x1b[?1049l",
    "osc": f"\x1b]0;{MARK}\x07\x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\\x1b]52;c;AAAA\x07",
    "lines": f"{MARK}\r\n\r{MARK}\n- [ ] {MARK}\u2028{MARK}\u2029\t{MARK}",
    "rich markup": f"[red]{MARK}[/red][@click=app.quit]x[/][link=http://evil.example]l[/link][/]",
    "right to left": f"\u202e\u2066\u061c\u200f{MARK}\u2069\u202c",
    "zero width": f"{MARK}\u200b\u200c\u200d\u2060\ufeff{MARK}",
    "homoglyph": f"\u0430dmin-{MARK}",
    "combining": MARK + "\u0301" * 60,
    "formula": f"=cmd|'/c calc'!A1{MARK}",
    "formula plus": f"+1+{MARK}",
    "formula minus": f"-1-{MARK}",
    "formula at": f"@SUM({MARK})",
    "formula tab": f"\t={MARK}",
    "script": f"<script>alert('{MARK}')</script>",
    "attribute": f'" onmouseover="{MARK}" x=\'',
    "image": f"<img src=x onerror={MARK}>]]><svg onload={MARK}>&{MARK};",
    "link": f"javascript:{MARK}",
    "comment": f"--><!--{MARK}--><!--drawing--><!--title-->*/{MARK}/*",
    "typst": f'#import "{MARK}" #eval("{MARK}") $x$ @{MARK} <{MARK}> = {MARK} */ `{MARK}`',
    "markdown": f"](http://evil.example) ![{MARK}](x) **{MARK}** | {MARK} | # {MARK} ```\n{MARK}",
    "front matter": f"---\n{MARK}: {MARK}\n---\n# {MARK}",
    "mermaid": f'"]; click n0 "javascript:{MARK}" %%{{init: {MARK}}}%% end subgraph {MARK}',
    "dot": f'"]; {MARK} [URL="javascript:x"]; \\" \\N {{{MARK}}} ->',
    "graphml": f'</data></node><node id="{MARK}"/>]]>&#0;&{MARK};',
    "terraform": f'${{file("/etc/{MARK}")}} %{{ if {MARK} }} EOT\n{MARK}\nEOT \\${{{MARK}}}',
    "cloudformation": f"${{AWS::{MARK}}} !Sub {MARK} Fn::Sub {{{{resolve:ssm:{MARK}}}}}",
    "yaml": f"*{MARK} &{MARK} !!python/object:os.system {MARK}: [{MARK} # {MARK} 'x\" |\n  {MARK}",
    "shell": f"'; touch {MARK}; $(touch {MARK}) `touch {MARK}` \"; touch {MARK} #\n touch {MARK} && ! {MARK}",
    "option": f"--{MARK}",
    "file option": f"file://{MARK}",
    "path": f"../../../{MARK}/../x\\..\\{MARK}/CON:*?",
    "template": f"{{{MARK}}} {{0}} {{{{{MARK}}}}} %s %({MARK})s $${MARK} {{% {MARK} %}}",
    "json": f'","{MARK}":"\\',
    "surrogate": f"{MARK}\ufffe\uffff\U000e0001",
    "long": f"{MARK}-" + "L" * 3000,
}
