"""Texts that look like a value of some type: ordinary ones, borderline ones, and ones that only nearly are one."""

INTEGERS = [
    *"0 1 -1 2 3 5 7 10 42 99 100 101 1000 -0 +3 007 1_000 1__0 0x1f 1e3 1.0 1.5 1. .5 2147483648".split(),
    *"9223372036854775807 9223372036854775808 -9223372036854775809 123456789012345678901234567890".split(),
    *"٣ 1,000 --1 +-1 - + 1.00000000000000000001 0.0 -0.0 1e-3 ∞ ²".split(),
    *(" 4 ", "4 ", "\t4", "4\n", "\u20034", "1" * 4300, "1" * 4301, ""),
]
NUMBERS = [
    *"0.0 -0.0 1.5 3.14159 -2.5 1e10 1E5 1e-7 1e308 1e309 -1e400 5e-324 1e-400 inf -inf Infinity +inf".split(),
    *"nan NaN -nan 0.1 0.30000000000000004 1_000.5 1.5_ 0x1p3 1.2.3 1,5 2.5e 9007199254740993".split(),
    *("99999999999999999999.99", "123456.789", " 2.5 "),
]
BOOLEANS = [
    *"true false True FALSE TrUe 1 0 on off ON yes no YES y n Y t f T 2 -1 1.0 0.0 truee none null o".split(),
    *(" true", "true ", ""),
]
DATES = [
    *"2024-02-29 2023-02-29 2024-1-1 2024-01-01T00:00:00 2024-01-01T10:00:00 0001-01-01 9999-12-31".split(),
    *"10000-01-01 20240101 1700000000 1700006400 0 -86400 1e9 2024-13-01 2024-12-32 24-01-01".split(),
    *"2024/01/01 86400 2024-01-01Z today".split(),
]
DATETIMES = [
    *"2024-02-29T12:34:56 2024-02-29T12:34:56Z 2024-02-29T12:34:56.789+02:00 2024-02-29T12:34:56.1234567".split(),
    *"2024-02-29T24:00:00 2024-02-29T12:60 2024-02-29T12:34 20240229T123456 2024-02-29t12:34:56z".split(),
    *"1700000000 1700000000.5 1700000000000 -1 1e20 nan 2024-02-29T12:34:56+24:00 2024-02-29".split(),
    *"2024-02-29T12:34:56-00:00 2024-02-29T12:34:56,5 2024-02-29_12:34:56".split(),
    *"9999-12-31T23:59:59.999999 0001-01-01T00:00:00Z".split(),
    *("2024-02-29 12:34:56", "2024-02-29 12:34:56 +0200", "2024-02-29T12:34:56 Z"),
]
TIMES = [
    *"12:34:56 12:34 12:34:56.789 12:34:56Z 12:34:56+01:00 24:00 23:59:60 3600 3600.5 86400 -1 noon 1:2:3".split(),
]
DURATIONS = [
    *"P1D PT36H P1Y2M3DT4H5M6S -P1D 1:30:00 3600 1.5 1d1h P PT 1 -1 inf P1DT 10:11:12.5 1e30".split(),
    *("1 days, 00:00:01", "-1 day, 23:59:59", "3 days"),
]
UUIDS = [
    "12345678-1234-5678-1234-567812345678",
    "12345678123456781234567812345678",
    "{12345678-1234-5678-1234-567812345678}",
    "urn:uuid:12345678-1234-5678-1234-567812345678",
    "12345678-1234-1678-9234-56781234567G",
    "12345678-1234-4678-9234-56781234567A",
    "1234567-81234-5678-1234-567812345678",
    "12345678-1234-5678-1234-56781234567",
    "123",
]
ADDRESSES = [
    *"a@b.co a@b a@@b.co 'a'@b.co user+tag@exämple.com mailto:a@b.co http://example.com".split(),
    *"https://user:pw@example.com:8080/p?q#f ftp://x http:// example.com HTTP://EXAMPLE.COM".split(),
    *"http://ünïcode.de file:///tmp postgres://u:p@h/d 127.0.0.1 256.1.1.1 1.2.3 ::1".split(),
    *("fe80::1%eth0", "10.0.0.0/8", "10.0.0.1/8", "http://exa mple.com"),
]
WORDS = [
    *"a b c abc foo bar fixed red green blue Red RED small large admin user foo-bar snake_case CamelCase".split(),
    *"items plumbus aaa aaaa aaaaaaaaaaa x y z fooquery none null undefined true 1 ../etc/passwd a/b a//b".split(),
    *"a;b a,b a=b a&b <script> 50% %41 ☃ ñandú 日本語 😀 é e\u0301 ﬁ ß İ".split(),
    *("", " ", "a b", " a", "a ", "\t", "a\nb", "\x00", "\x7f", "\u2028"),
    *('"', "'", '"quoted"', "\\", "a" * 51, "Z" * 300),
]

FORMATS = {
    "date": DATES,
    "date-time": DATETIMES,
    "time": TIMES,
    "duration": DURATIONS,
    "uuid": UUIDS,
    "email": ADDRESSES,
    "uri": ADDRESSES,
    "ipv4": ADDRESSES,
    "ipv6": ADDRESSES,
    "ipvanyaddress": ADDRESSES,
}
"""By JSON Schema ``format``."""

POOLS = {
    "integer": INTEGERS,
    "number": [*INTEGERS, *NUMBERS],
    "boolean": BOOLEANS,
    "string": WORDS,
    "null": ["", "null", "None"],
}
"""By JSON Schema ``type``."""

EVERYTHING = tuple(
    dict.fromkeys(
        [*INTEGERS, *NUMBERS, *BOOLEANS, *DATES, *DATETIMES, *TIMES, *DURATIONS, *UUIDS, *ADDRESSES, *WORDS]
    )
)
