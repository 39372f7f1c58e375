"""Just enough of the S3 protocol to see an object's name in the bucket (AWS Signature Version 4)."""

import hashlib
import hmac
import http.client
import time
from urllib.parse import quote
from xml.etree import ElementTree

REGION = "us-east-1"


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _signature(secret_key, day, text):
    key = f"AWS4{secret_key}".encode()
    for step in (day, REGION, "s3", "aws4_request"):
        key = _hmac(key, step)
    return _hmac(key, text).hex()


def _signed_headers(host, path, query, access_key, secret_key):
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    day, nothing = now[:8], hashlib.sha256(b"").hexdigest()
    request = f"GET\n{path}\n{query}\nhost:{host}\nx-amz-content-sha256:{nothing}\nx-amz-date:{now}\n\n" \
              f"host;x-amz-content-sha256;x-amz-date\n{nothing}"
    scope = f"{day}/{REGION}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    credential = f"Credential={access_key}/{scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date"
    return {"x-amz-date": now, "x-amz-content-sha256": nothing,
            "Authorization": f"AWS4-HMAC-SHA256 {credential}, "
                             f"Signature={_signature(secret_key, day, text)}"}


def object_names(host, bucket, prefix, access_key, secret_key):
    """The names in `bucket` that begin with `prefix`, up to a thousand of them."""
    path, query = f"/{bucket}", f"list-type=2&prefix={quote(prefix, safe='')}"
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request("GET", f"{path}?{query}",
                           headers=_signed_headers(host, path, query, access_key, secret_key))
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise OSError(f"the object store answered {response.status}")
    return [element.text for element in ElementTree.fromstring(body).iter() if element.tag.endswith("}Key")]
