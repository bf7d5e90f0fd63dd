"""Operations that the demo account does not answer; they are tested at botocore's edge."""

STUBBED: dict[str, str] = {}
