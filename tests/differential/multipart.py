"""Write multipart/form-data bodies with a fixed boundary, byte by byte, so that a case is the same every time."""

BOUNDARY = b"----differential"

Part = tuple[str, str | None, str | None, bytes]
"""Field name, file name, content type, content."""


def content_type(boundary: bytes = BOUNDARY) -> bytes:
    return b"multipart/form-data; boundary=" + boundary


def encode(parts: list[Part], boundary: bytes = BOUNDARY) -> bytes:
    """Return the body with these parts, in this order."""
    lines = []
    for name, filename, kind, content in parts:
        disposition = f'form-data; name="{name}"' + (
            f'; filename="{filename}"' if filename is not None else ""
        )
        head = b"--" + boundary + b"\r\nContent-Disposition: " + disposition.encode("utf-8", "surrogatepass")
        if kind is not None:
            head += b"\r\nContent-Type: " + kind.encode()
        lines.append(head + b"\r\n\r\n" + content + b"\r\n")
    return b"".join(lines) + b"--" + boundary + b"--\r\n"
