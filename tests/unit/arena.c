/* Arenas and buffers give memory that is zeroed, aligned and never shared. */
#include "base/memory.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdint.h>

#include <cmocka.h>

static void memory_is_zeroed_aligned_and_its_own(void **state)
{
    (void)state;
    enum { PIECES = 400 };
    unsigned char *pieces[PIECES];
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = arena_alloc(&arena, i * 7);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t at = 0; at < i * 7; at++)
            assert_int_equal(pieces[i][at], 0);
        memset(pieces[i], (int)(i % 255) + 1, i * 7);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t at = 0; at < i * 7; at++)
            assert_int_equal(pieces[i][at], i % 255 + 1);
    arena_finish(&arena);
}

static void a_piece_can_be_larger_than_a_block(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    char *before = arena_copy(&arena, "before");
    char *large = arena_alloc(&arena, 1000001);
    large[0] = large[1000000] = 'x';
    char *after = arena_copy(&arena, "after");
    assert_string_equal(before, "before");
    assert_string_equal(after, "after");
    arena_finish(&arena);
}

static void a_finished_arena_can_be_used_again(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 3; i++) {
        enum { BYTES = 3000 };
        assert_string_equal(arena_copy(&arena, "text"), "text");
        unsigned char *memory = arena_alloc(&arena, BYTES);
        for (size_t at = 0; at < BYTES; at++)
            assert_int_equal(memory[at], 0);
        memset(memory, 'x', BYTES);
        arena_finish(&arena);
    }
    arena_finish(&arena);
}

static void copies_end_with_a_nul_and_keep_those_inside(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_null(arena_copy(&arena, NULL));
    assert_string_equal(arena_copy(&arena, ""), "");
    assert_string_equal(arena_copy_bytes(&arena, NULL, 0), "");
    assert_string_equal(arena_copy_bytes(&arena, "abcdef", 3), "abc");
    assert_memory_equal(arena_copy_bytes(&arena, "a\0b", 3), "a\0b", 4);
    arena_finish(&arena);
}

static void printed_text_is_whole_whatever_its_length(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_string_equal(arena_printf(&arena, "%s has %d seats", "BIO CITY", 80),
                        "BIO CITY has 80 seats");
    assert_int_equal(strlen(arena_printf(&arena, "%*s", 100000, "end")), 100000);
    arena_finish(&arena);
}

static void a_buffer_holds_what_was_added_in_order(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_add(&buffer, NULL, 0);
    assert_string_equal(buffer_text(&buffer), "");
    for (int i = 0; i < 1000; i++) {
        buffer_add_text(&buffer, "ab");
        buffer_add_char(&buffer, 'c');
        buffer_printf(&buffer, "%03d", i);
        buffer_add(&buffer, "\0", 1);
        assert_int_equal(buffer.length, (i + 1) * 7);
        assert_int_equal(buffer.bytes[buffer.length], '\0');
    }
    assert_memory_equal(buffer.bytes + 999 * 7, "abc999\0", 7);
    assert_memory_equal(buffer.bytes, "abc000\0abc001", 13);
    buffer_finish(&buffer);
}

static void a_cleared_buffer_is_empty_text(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer);
    buffer_clear(&buffer);
    buffer_add_text(&buffer, "something");
    buffer_clear(&buffer);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_add_text(&buffer, "else");
    assert_string_equal(buffer_text(&buffer), "else");
    buffer_finish(&buffer);
}

static void taken_bytes_belong_to_the_taker(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer);
    char *nothing = buffer_take(&buffer);
    assert_string_equal(nothing, "");
    buffer_add_text(&buffer, "mine");
    char *taken = buffer_take(&buffer);
    buffer_add_text(&buffer, "yours");
    assert_string_equal(taken, "mine");
    assert_string_equal(buffer_text(&buffer), "yours");
    free(nothing);
    free(taken);
    buffer_finish(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_its_own),
        cmocka_unit_test(a_piece_can_be_larger_than_a_block),
        cmocka_unit_test(a_finished_arena_can_be_used_again),
        cmocka_unit_test(copies_end_with_a_nul_and_keep_those_inside),
        cmocka_unit_test(printed_text_is_whole_whatever_its_length),
        cmocka_unit_test(a_buffer_holds_what_was_added_in_order),
        cmocka_unit_test(a_cleared_buffer_is_empty_text),
        cmocka_unit_test(taken_bytes_belong_to_the_taker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
