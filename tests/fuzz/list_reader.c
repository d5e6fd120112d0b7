/* Any bytes at all as a list of people. */
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "form/list_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must_hold(bool rule)
{
    if (!rule)
        abort();
}

static void read_list(const struct list_source *source)
{
    struct list_reader reader;
    list_reader_init(&reader, source, 1, true);
    size_t at = reader.at;
    while (list_reader_next(&reader)) {
        must_hold(reader.at > at && reader.at <= source->length);
        must_hold(reader.cell_count >= 1 && reader.cell_count <= LIST_COLUMNS_MOST);
        must_hold(reader.record_line <= reader.line);
        for (size_t i = 0; i < reader.cell_count; i++) {
            must_hold(strlen(reader.cells[i]) <= LIST_CELL_MOST_BYTES + 4);
            must_hold(text_is_utf8(reader.cells[i], strlen(reader.cells[i])));
        }
        at = reader.at;
    }
    list_reader_finish(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct list_source source = {.bytes = (const char *)bytes, .length = length, .is_start = true};
    for (int encoding = 0; encoding < LIST_ENCODINGS; encoding++) {
        source.encoding = (enum list_encoding)encoding;
        for (int whole = 0; whole < 2; whole++) {
            source.is_whole = whole;
            source.separator = list_separator_guess(&source);
            read_list(&source);
        }
    }
    (void)list_encoding_guess(source.bytes, length);
    return 0;
}
