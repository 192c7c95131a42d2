# Included by the folder above.
set(SECURITY_SOURCES)

set(SECURITY_TEST_SOURCES)
