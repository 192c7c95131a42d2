# Included by the folder above.
set(SCHEMA_SOURCES)

set(SCHEMA_TEST_SOURCES)
