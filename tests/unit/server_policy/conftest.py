"""What tests of the server's policy share."""

from tests.certificates import certificates as certificates
