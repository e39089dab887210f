/* Texts: UTF-8, normal form, names, nearest names, numbers as text, memory. */
#include "runtime/base/str.h"
#include "runtime/base/vec.h"

#include "tests/unit/test.h"

#include <stdlib.h>

TEST(arena_blocks_are_zeroed_and_aligned)
{
    Arena *arena = arena_new("test");
    uint64_t before = memory_allocations();
    for (size_t size = 1; size < 300000; size = size * 3 / 2 + 1) {
        unsigned char *block = arena_alloc(arena, size);
        EQ((uintptr_t)block % (size >= 64 ? 64 : 16), 0);
        size_t zeros = 0;
        for (size_t i = 0; i < size; i++) {
            zeros += block[i] == 0;
        }
        EQ(zeros, size);
        memset(block, 0xAB, size);
    }
    OK(memory_allocations() > before + 20);
    static const size_t counts[] = {0, 1, 200000, 700001}; /* below and above what large pages hold */
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        double *dense = arena_dense(arena, counts[k], sizeof *dense);
        size_t zeros = 0;
        for (size_t i = 0; i < counts[k]; i++) {
            zeros += dense[i] == 0.0;
            dense[i] = 1.0;
        }
        EQ(zeros, counts[k]);
    }
    arena_free(arena);
}

TEST(vectors_grow)
{
    Arena *arena = arena_new("test");
    VEC(int) numbers = {0};
    for (int i = 0; i < 1000; i++) {
        VEC_PUSH(arena, numbers, i);
    }
    EQ(numbers.n, 1000);
    EQ(numbers.at[999], 999);
    EQ(numbers.at[7], 7);
    arena_free(arena);
}

TEST(buffer)
{
    Arena *arena = arena_new("test");
    Buf buf = buf_in(arena);
    STR(buf.at, "");
    for (int i = 0; i < 100; i++) {
        buf_printf(&buf, "%d,", i);
    }
    EQ(buf.n, 290);
    OK(str_starts(buf.at, "0,1,2,"));
    OK(str_ends(buf.at, "98,99,"));
    OK(!str_ends("a", "aa"));
    arena_free(arena);
}

TEST(comparison)
{
    OK(str_eq(NULL, NULL));
    OK(!str_eq(NULL, ""));
    OK(str_eq_fold("MinMax", "minmax"));
    OK(!str_eq_fold("minmax", "minma"));
    OK(!str_eq_fold("a", NULL));
}

TEST(utf8)
{
    size_t bad = 99;
    OK(str_utf8_valid("한글 é 👍", strlen("한글 é 👍"), &bad));
    OK(!str_utf8_valid("ab\xC0\x80", 4, &bad)); /* overlong */
    EQ(bad, 2);
    OK(!str_utf8_valid("\xED\xA0\x80", 3, &bad));     /* half of a surrogate pair */
    OK(!str_utf8_valid("\xF4\x90\x80\x80", 4, &bad)); /* above U+10FFFF */
    OK(!str_utf8_valid("a\xEA\xB0", 3, &bad));        /* cut short */
    EQ(bad, 1);
    size_t i = 0;
    EQ(str_code_point("\xEA\xB0\x80", 3, &i), 0xAC00);
    EQ(i, 3);
    i = 0;
    EQ(str_code_point("\xEA\xB0", 2, &i), 0xFFFD);
    EQ(i, 1);
    Arena *arena = arena_new("test");
    Buf buf = buf_in(arena);
    buf_code_point(&buf, 0x1F44D);
    STR(buf.at, "\xF0\x9F\x91\x8D");
    arena_free(arena);
}

TEST(normal_form)
{
    Arena *arena = arena_new("test");
    const char *plain = "sales_매출 café";
    OK(str_nfc(arena, plain, strlen(plain)) == plain);
    /* Jamo compose to 한, e and a combining acute accent to é, the Angstrom sign to A with ring. */
    STR(str_nfc(arena, "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 9), "한");
    STR(str_nfc(arena, "cafe\xCC\x81", 6), "café");
    STR(str_nfc(arena, "\xE2\x84\xAB", 3), "\xC3\x85");
    /* Marks are put in order: dot below (220) before dot above (230). */
    STR(str_nfc(arena, "q\xCC\x87\xCC\xA3", 5), "q\xCC\xA3\xCC\x87");
    const char *broken = "\xFF\xCC\x81";
    OK(str_nfc(arena, broken, 3) == broken);
    arena_free(arena);
}

TEST(names)
{
    OK(str_is_name("h1"));
    OK(str_is_name("_x"));
    OK(str_is_name("매출액"));
    OK(str_is_name("naïve"));
    OK(!str_is_name(""));
    OK(!str_is_name("1h"));
    OK(!str_is_name("Sepal.Length"));
    OK(!str_is_name("a b"));
    OK(!str_is_name("a\xFF"));
    /* The counts of Unicode 14, as libunistring 1.0 has them. */
    size_t starts = 0, continues = 0;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        starts += str_xid_start(c);
        continues += str_xid_continue(c);
    }
    EQ(starts, 131974);
    EQ(continues, 135053);
}

TEST(distance)
{
    EQ(str_distance("lstm", "lstm", 3), 0);
    EQ(str_distance("lsmt", "lstm", 3), 1);
    EQ(str_distance("kitten", "sitting", 9), 3);
    EQ(str_distance("ca", "abc", 9), 3); /* optimal string alignment, not unrestricted Damerau */
    EQ(str_distance("한글", "한국", 9), 1);
    EQ(str_distance("", "abc", 9), 3);
    EQ(str_distance("abcdefgh", "zyxwvuts", 2), 3);
}

TEST(nearest)
{
    const char *const names[] = {"dense", "dropout", "Adam", "gru", "elu", "relu"};
    STR(str_nearest("dens", names, 6), "dense");
    STR(str_nearest("DENSE", names, 6), "dense");
    STR(str_nearest("adam", names, 6), "Adam");
    STR(str_nearest("rleu", names, 6), "relu");
    STR(str_nearest("drpouot", names, 6), "dropout");
    STR(str_nearest("convolution", names, 6), NULL);
    const char *const letters[] = {"x"};
    STR(str_nearest("y", letters, 1), NULL);
}

TEST(shortest_numbers)
{
    Arena *arena = arena_new("test");
    STR(str_double(arena, 0.1), "0.1");
    STR(str_double(arena, 1e-7), "1e-07");
    STR(str_double(arena, 12), "12");
    STR(str_double(arena, 0.1 + 0.2), "0.30000000000000004");
    STR(str_double(arena, 1.0 / 3.0), "0.3333333333333333");
    STR(str_double(arena, -INFINITY), "-inf");
    STR(str_double(arena, (double)NAN), "nan");
    STR(str_float(arena, 0.1f), "0.1");
    STR(str_float(arena, 16777216.0f), "16777216");
    STR(str_float(arena, 1.0f / 3.0f), "0.33333334");
    /* Every text reads back to the same bits. */
    uint64_t bits = 88172645463325252u;
    int wrong = 0;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value;
        memcpy(&value, &bits, sizeof value);
        wrong += isfinite(value) && strtod(str_double(arena, value), NULL) != value;
        float single;
        memcpy(&single, &bits, sizeof single);
        wrong += isfinite(single) && strtof(str_float(arena, single), NULL) != single;
    }
    EQ(wrong, 0);
    arena_free(arena);
}

TEST(numbers_for_people)
{
    Arena *arena = arena_new("test");
    STR(str_figure(arena, 0.123456, 3), "0.123");
    STR(str_figure(arena, 2.0, 4), "2");
    STR(str_figure(arena, 123456.7, 4), "123457");
    STR(str_figure(arena, -0.0, 4), "0");
    STR(str_figure(arena, 1e20, 4), "1e+20");
    STR(str_thousands(arena, 12345678), "12,345,678");
    STR(str_thousands(arena, -999), "-999");
    STR(str_thousands(arena, -1000), "-1,000");
    STR(str_thousands(arena, INT64_MIN), "-9,223,372,036,854,775,808");
    STR(str_bytes(arena, 10772), "10.52 KB"); /* as Keras prints 2,693 parameters */
    STR(str_bytes(arena, 0), "0.00 B");
    STR(str_bytes(arena, 1024), "1.00 KB");
    const char *const items[] = {"a", "b", "c"};
    STR(str_join(arena, items, 3, true), "`a`, `b` and `c`");
    STR(str_join(arena, items, 2, false), "a and b");
    STR(str_join(arena, items, 1, false), "a");
    STR(str_join(arena, items, 0, false), "");
    arena_free(arena);
}
