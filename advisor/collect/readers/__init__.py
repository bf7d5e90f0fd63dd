"""One module for each AWS service or family: `fetch…` makes the calls, `…_from_aws` turns answers into values."""
