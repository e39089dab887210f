/* Writes runtime/base/xid.inc: the code points that may begin and continue a name, as ranges (Unicode's XID_Start and
 * XID_Continue). Needs libunistring-dev: cc tools/xid_table.c -lunistring && ./a.out > runtime/base/xid.inc */
#include <stdbool.h>
#include <stdio.h>
#include <unictype.h>

static void print_ranges(const char *name, bool (*has)(ucs4_t))
{
    printf("static const CodePointRange %s[] = {\n", name);
    int in_line = 0;
    for (ucs4_t c = 0; c <= 0x10FFFF; c++) {
        if (!has(c)) {
            continue;
        }
        ucs4_t first = c;
        while (c < 0x10FFFF && has(c + 1)) {
            c++;
        }
        printf("%s{0x%X, 0x%X},", in_line == 0 ? "    " : " ", first, c);
        in_line = (in_line + 1) % 6;
        if (in_line == 0) {
            putchar('\n');
        }
    }
    printf("%s};\n", in_line == 0 ? "" : "\n");
}

int main(void)
{
    puts("/* Written by tools/xid_table.c; do not edit. */");
    print_ranges("xid_start", uc_is_property_xid_start);
    print_ranges("xid_continue", uc_is_property_xid_continue);
    return 0;
}
