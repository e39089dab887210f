/* Functions in Python that the scripts of `nnl export` call. See export.h. */
#include "src/report/export.h"

#include <string.h>

/* Functions that a recipe may need; those that none of its lines calls are left out. Each may call those before it. */
static const struct {
    const char *call, *python;
} helpers[] = {
    {"map(number)",
     "def number(cell):\n"
     "    \"\"\"A cell as a number, exactly; empty ones are missing.\"\"\"\n"
     "    if cell.strip() in EMPTY:\n"
     "        return pd.NA\n"
     "    value = float(cell)\n"
     "    return pd.NA if value in EMPTY_NUMBERS else value\n"},
    {"map(text)",
     "def text(cell):\n"
     "    cell = unicodedata.normalize(\"NFC\", cell.strip())\n"
     "    return pd.NA if cell in EMPTY else cell\n"},
    {"known(",
     "def known(values):\n"
     "    \"\"\"What is no finite number is missing.\"\"\"\n"
     "    if not isinstance(values, pd.Series):\n"
     "        return values\n"
     "    values = values.astype(\"Float64\")\n"
     "    plain = values.to_numpy(\"float64\", na_value=np.nan)\n"
     "    return values.where(np.isfinite(plain), pd.NA)\n"},
    {"among(",
     "def among(values, listed):\n"
     "    \"\"\"Whether each value is one of the list; unknown where it is missing.\"\"\"\n"
     "    return values.isin(listed).astype(\"boolean\").where(values.notna(), pd.NA)\n"},
    {"choose(",
     "def choose(test, yes, no):\n"
     "    \"\"\"`yes` where the test is true, `no` where it is false, missing where it has no answer.\"\"\"\n"
     "    yes = yes if isinstance(yes, pd.Series) else pd.Series(yes, index=test.index).convert_dtypes()\n"
     "    return yes.where(test.fillna(False), no).where(test.notna(), pd.NA)\n"},
    {"by_run(",
     "def by_run(values, runs, work):\n"
     "    \"\"\"Something that looks back, within each stretch of rows.\"\"\"\n"
     "    return known(values.astype(\"Float64\").astype(\"float64\").groupby(runs).transform(work))\n"},
    {"one_hot(",
     "def one_hot(cells, categories, drop_first):\n"
     "    \"\"\"A column of 0 and 1 for each category; 0 everywhere for one that training never saw.\"\"\"\n"
     "    return [(cells == c).fillna(False).astype(\"float64\") for c in categories[int(drop_first):]]\n"},
    {"numbered(",
     "def numbered(cells, categories):\n"
     "    \"\"\"The number of a category, from 1; 0 for one that training never saw.\"\"\"\n"
     "    return [cells.map({c: i + 1 for i, c in enumerate(categories)}).fillna(0).astype(\"float64\")]\n"},
    {"matrix(",
     "def matrix(columns):\n"
     "    return np.column_stack([c.astype(\"Float64\").to_numpy(\"float64\", na_value=np.nan) for c in columns]).astype(\"float32\")\n"},
};

void export_helpers(const char *lines, Buf *out)
{
    enum { HELPERS = sizeof helpers / sizeof *helpers };
    bool called[HELPERS] = {false};
    for (size_t i = HELPERS; i-- > 0;) {
        called[i] = strstr(lines, helpers[i].call) != NULL;
        for (size_t k = i + 1; k < HELPERS; k++) called[i] = called[i] || (called[k] && strstr(helpers[k].python, helpers[i].call));
    }
    for (size_t i = 0; i < HELPERS; i++)
        if (called[i]) buf_printf(out, "%s\n\n", helpers[i].python);
}
