# mandoc has nothing to say about the pages.
. tests/lint/files.sh

need mandoc
files '*.[1-9]' | xargs mandoc -Tlint -Wwarning
