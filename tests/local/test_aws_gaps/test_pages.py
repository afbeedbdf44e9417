"""What a browser finds at the addresses of our links, and what anybody finds in the template bucket."""

import urllib.error
import urllib.parse
import urllib.request

from tests.local.test_aws_gaps.accounts import Account, allow, policy


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def test_the_switch_role_link_says_what_the_console_would_show(provider: Account) -> None:
    given = {"account": "222222222222", "roleName": "acme-access", "displayName": "<script>alert(1)</script>"}
    status, page = get(f"{provider.url}/switchrole?{urllib.parse.urlencode(given)}")
    assert status == 200
    assert "222222222222" in page
    assert "acme-access" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page


def test_the_quick_create_link_leads_to_a_page(provider: Account) -> None:
    status, page = get(f"{provider.url}/cloudformation/home?region=%3Cb%3E")
    assert status == 200
    assert "Quick create stack" in page
    assert "<b>" not in page  # what comes with the address is drawn by the page's script, as text


def test_a_public_object_is_read_by_anybody_and_a_private_one_by_nobody(provider: Account) -> None:
    # Given
    s3 = provider.client("s3")
    s3.create_bucket(Bucket="half-public")
    s3.delete_public_access_block(Bucket="half-public")
    public = {**allow("s3:GetObject", "arn:aws:s3:::half-public/clients/*"), "Principal": "*"}
    s3.put_bucket_policy(Bucket="half-public", Policy=policy(public))
    for key in ("clients/a.yaml", "provider/b.yaml"):
        s3.put_object(Bucket="half-public", Key=key, Body=b"Resources: {}")

    # Then
    assert get(f"{provider.url}/half-public/clients/a.yaml") == (200, "Resources: {}")
    assert get(f"{provider.url}/half-public/provider/b.yaml")[0] == 403
    assert get(f"{provider.url}/half-public")[0] == 403
