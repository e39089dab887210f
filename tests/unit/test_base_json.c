/* JSON: what RFC 8259 allows and forbids, exact numbers, round trips. E0901 is met here alone: no script reads JSON yet. */
#include "runtime/base/json.h"

#include "tests/unit/test.h"

typedef struct {
    Arena *arena;
    Diags *diags;
    const Json *json;
} Answer;

static Answer read_text(const char *text, size_t n, JsonFlags flags)
{
    Answer a = {.arena = arena_new("test")};
    Sources *sources = sources_new(a.arena);
    a.diags = diags_new(a.arena, sources);
    a.json = json_read(a.arena, sources_add(sources, "config.json", text, n), flags, a.diags);
    return a;
}

TEST(values)
{
    const char *text = " {\"a\": [1, -2.5e3, true, false, null], \"b\": {\"c\": \"x\\n\\u00e9\\ud83d\\ude00\\/\"}} ";
    Answer a = read_text(text, strlen(text), JSON_STRICT);
    OK(a.json != NULL);
    EQ(a.json->n, 2);
    const Json *list = json_get(a.json, "a");
    EQ(list->n, 5);
    OK(list->items[0].is_integer);
    EQ(list->items[0].integer, 1);
    OK(!list->items[1].is_integer);
    NEAR(list->items[1].number, -2500, 0);
    OK(list->items[2].boolean);
    EQ(list->items[4].type, JSON_NULL);
    STR(json_get(json_get(a.json, "b"), "c")->text, "x\né😀/");
    OK(json_get(a.json, "z") == NULL);
    OK(json_get(list, "a") == NULL);
    EQ(list->span.begin, 7);
    arena_free(a.arena);
}

TEST(exact_integers)
{
    Answer a = read_text("[9223372036854775807,-9223372036854775808,9223372036854775808,0,-0]", 67, JSON_STRICT);
    OK(a.json != NULL);
    OK(a.json->items[0].is_integer && a.json->items[0].integer == INT64_MAX);
    OK(a.json->items[1].is_integer && a.json->items[1].integer == INT64_MIN);
    OK(!a.json->items[2].is_integer);
    NEAR(a.json->items[2].number, 9223372036854775808.0, 0);
    arena_free(a.arena);
}

TEST(refused)
{
    static const char *const wrong[] = {
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,\"a\":2}",
        "01",
        "-",
        "-a",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "1e400",
        "0x10",
        "tru",
        "nul",
        "NaN",
        "Infinity",
        "\"abc",
        "\"a\tb\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\\u0000\"",
        "\"\xFF\"",
        "\"\xC0\x80\"",
        "1 2",
        "[] x",
        "{}}",
        "'a'",
        "\xEF\xBB\xBF{}",
        "// no\n1",
        "\"\\",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Answer a = read_text(wrong[i], strlen(wrong[i]), JSON_STRICT);
        OK(a.json == NULL);
        EQ(diags_errors(a.diags), 1);
        EQ(diags_exit_code(a.diags), 3);
        if (a.json) {
            printf("  accepted: %s\n", wrong[i]);
        }
        arena_free(a.arena);
    }
}

TEST(names_of_python)
{
    Answer a = read_text("[NaN, Infinity, -Infinity, -1]", 30, JSON_PYTHON);
    OK(a.json != NULL);
    OK(isnan(a.json->items[0].number));
    OK(isinf(a.json->items[2].number) && a.json->items[2].number < 0);
    EQ(a.json->items[3].integer, -1);
    arena_free(a.arena);
}

TEST(depth)
{
    char text[2100];
    memset(text, '[', 512);
    memset(text + 512, ']', 512);
    Answer a = read_text(text, 1024, JSON_STRICT);
    OK(a.json != NULL);
    arena_free(a.arena);
    memset(text, '[', 513);
    memset(text + 513, ']', 513);
    a = read_text(text, 1026, JSON_STRICT);
    OK(a.json == NULL);
    arena_free(a.arena);
}

TEST(message)
{
    const char *text = "{\n  \"units\": 1 \"name\": 2\n}\n";
    Answer a = read_text(text, strlen(text), JSON_STRICT);
    Buf out = buf_in(a.arena);
    DiagStyle style = {.form = DIAG_LONG};
    diags_print(a.diags, style, &out);
    STR(out.at, "error[E0901]: `config.json` is not valid JSON: an object goes on without a comma\n"
                "  --> config.json:2:14\n"
                "   |\n"
                " 2 |   \"units\": 1 \"name\": 2\n"
                "   |              ^ expected , or }\n");
    arena_free(a.arena);
}

TEST(writing)
{
    Arena *arena = arena_new("test");
    Buf out = buf_in(arena);
    JsonOut writer = json_out(&out), *o = &writer;
    json_object(o);
    json_key(o, "a");
    json_list(o);
    json_int(o, INT64_MIN);
    json_double(o, 0.1);
    json_float(o, 0.1f);
    json_double(o, (double)NAN);
    json_double(o, -INFINITY);
    json_bool(o, true);
    json_null(o);
    json_list_end(o);
    json_key(o, "b\"\\");
    json_text(o, "\x01\n\t한\xFF");
    json_key(o, "c");
    json_object(o);
    json_object_end(o);
    json_object_end(o);
    STR(out.at, "{\"a\":[-9223372036854775808,0.1,0.1,\"nan\",\"-inf\",true,null],\"b\\\"\\\\\":"
                "\"\\u0001\\n\\t한\xEF\xBF\xBD\",\"c\":{}}");
    Answer a = read_text(out.at, out.n, JSON_STRICT);
    OK(a.json != NULL);
    arena_free(a.arena);
    arena_free(arena);
}
