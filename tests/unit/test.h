/* tests/unit/test.h: what a unit test is written with. A test program is one .c file:
 *
 *   #include "tests/unit/test.h"
 *   TEST(addition) { EQ(2 + 2, 4); NEAR(0.1 + 0.2, 0.3, 1e-12); OK(true); STR(name, "iris"); }
 *
 * It has no main: this header brings one, which runs every TEST of the file in order and prints, for each check that fails, file:line,
 * what was expected and what came, then "N passed, N failed". Checks go on after a failure; a test that failed often is cut short in
 * the printing only. Exit status 1 if any failed. */
#ifndef NNL_TESTS_UNIT_TEST_H
#define NNL_TESTS_UNIT_TEST_H

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { TEST_MAX = 500, TEST_SHOWN = 10 };
typedef struct {
    const char *name;
    void (*run)(void);
} TestCase;
static TestCase test_cases[TEST_MAX];
static int test_count, test_failures;

static inline bool test_fails(bool good, const char *file, int line)
{
    if (good) return false;
    test_failures++;
    if (test_failures == TEST_SHOWN + 1) printf("%s:%d: further failures of this test are not shown\n", file, line);
    return test_failures <= TEST_SHOWN;
}

static inline void test_ok(bool good, const char *what, const char *file, int line)
{
    if (test_fails(good, file, line)) printf("%s:%d: expected %s\n", file, line, what);
}

static inline void test_eq(int64_t got, int64_t expected, const char *what, const char *file, int line)
{
    if (test_fails(got == expected, file, line))
        printf("%s:%d: %s: expected %" PRId64 ", got %" PRId64 "\n", file, line, what, expected, got);
}

static inline void test_near(double got, double expected, double within, const char *what, const char *file, int line)
{
    bool good = got == expected || fabs(got - expected) <= within || (isnan(got) && isnan(expected));
    if (test_fails(good, file, line))
        printf("%s:%d: %s: expected %.9g within %.3g, got %.9g\n", file, line, what, expected, within, got);
}

static inline void test_str(const char *got, const char *expected, const char *what, const char *file, int line)
{
    bool good = got == expected || (got && expected && strcmp(got, expected) == 0);
    if (test_fails(good, file, line))
        printf("%s:%d: %s:\n  expected: %s\n  got:      %s\n", file, line, what, expected ? expected : "(null)", got ? got : "(null)");
}

#define OK(condition) test_ok((condition), #condition, __FILE__, __LINE__)
#define EQ(got, expected) test_eq((int64_t)(got), (int64_t)(expected), #got, __FILE__, __LINE__)
#define NEAR(got, expected, within) test_near((double)(got), (double)(expected), (double)(within), #got, __FILE__, __LINE__)
#define STR(got, expected) test_str((got), (expected), #got, __FILE__, __LINE__)

#define TEST(id)                                                                                                                 \
    static void test_##id(void);                                                                                                 \
    __attribute__((constructor)) static void test_add_##id(void)                                                                 \
    {                                                                                                                            \
        if (test_count < TEST_MAX) test_cases[test_count++] = (TestCase){#id, test_##id};                                        \
    }                                                                                                                            \
    static void test_##id(void)

int main(int argc, char **argv)
{
    int passed = 0, failed = 0;
    for (int i = 0; i < test_count; i++) {
        if (argc > 1 && strcmp(argv[1], test_cases[i].name) != 0) continue;
        test_failures = 0;
        test_cases[i].run();
        if (test_failures) printf("FAILED %s (%d)\n", test_cases[i].name, test_failures);
        if (test_failures) failed++;
        else passed++;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}

#endif
