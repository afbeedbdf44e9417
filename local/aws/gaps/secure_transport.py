"""`aws:SecureTransport` is true: AWS is called over TLS, and this AWS answers on this machine's loopback alone.

IAM User Guide, "AWS global condition context keys". Without it, a policy that denies
whatever is not TLS would deny everything here.
"""

from ministack import app


def install() -> None:
    """Tell ministack's evaluation so before each request."""
    pin_request_origin = app.pin_request_origin

    def pin(source_ip: str, _over_tls: bool) -> None:
        pin_request_origin(source_ip, True)

    app.pin_request_origin = pin
