/* `nnl export`: the frame of the script. See export.h. */
#include "src/report/export.h"

#include <math.h>
#include <string.h>

#include "src/cli.h"

/* ---- Literals of Python ------------------------------------------------------------------------------------------------------------- */

void export_text(Buf *out, const char *text)
{
    buf_char(out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') buf_printf(out, "\\%c", c);
        else if (c == '\n') buf_put(out, "\\n");
        else if (c == '\t') buf_put(out, "\\t");
        else if (c < 0x20 || c == 0x7f) buf_printf(out, "\\x%02x", c);
        else buf_char(out, (char)c);
    }
    buf_char(out, '"');
}

void export_number(Buf *out, double value)
{
    if (isnan(value)) buf_put(out, "float(\"nan\")");
    else if (isinf(value)) buf_put(out, value > 0 ? "float(\"inf\")" : "float(\"-inf\")");
    else buf_put(out, str_double(out->arena, value));
}

void export_texts(Buf *out, const char *const *texts, size_t n)
{
    buf_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i) buf_put(out, ", ");
        export_text(out, texts[i]);
    }
    buf_char(out, ']');
}

void export_numbers(Buf *out, const double *numbers, size_t n)
{
    buf_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i) buf_put(out, ", ");
        export_number(out, numbers[i]);
    }
    buf_char(out, ']');
}

/* ---- The frame ---------------------------------------------------------------------------------------------------------------------- */

static void put_head(const SavedModel *saved, const char *weights, Buf *out)
{
    bool recipe = saved->extras.recipe != NULL;
    buf_printf(out, "\"\"\"The model `%s` as a Keras script.\n\n", saved->graph->name);
    buf_put(out, "    python3 THIS_FILE.py TABLE.csv [PREDICTIONS.csv]\n\n");
    buf_put(out, recipe ? "reads a table, prepares it as the model was trained to see it, and writes what the model says beside each row.\n"
                        : "reads a table of plain numbers, a column for each number of the inputs, and writes what the model says beside each row.\n");
    buf_put(out, "Written by nnl " NNL_VERSION "; it needs keras, numpy and pandas.\n\"\"\"\n");
    buf_printf(out, "%simport sys\n%sfrom pathlib import Path\n\nimport keras\nimport numpy as np\nimport pandas as pd\nfrom keras import layers\n\n",
               recipe ? "import functools\n" : "", recipe ? "import unicodedata\n" : "");
    buf_printf(out, "MODEL = %s  # the file whose numbers are loaded\n\n\n", weights);
}

/* Without a recipe: the columns fill the inputs in order. */
static void put_plain(const SavedModel *saved, Buf *out)
{
    const Graph *graph = saved->graph;
    buf_put(out, "def read(path):\n    \"\"\"A table of numbers; a first line of texts is its header.\"\"\"\n");
    buf_put(out, "    first = pd.read_csv(path, header=None, nrows=1)\n");
    buf_put(out, "    header = None if all(pd.api.types.is_numeric_dtype(t) for t in first.dtypes) else 0\n");
    buf_put(out, "    return pd.read_csv(path, header=header, float_precision=\"round_trip\")\n\n\n");
    buf_put(out, "def prepare(table):\n    \"\"\"The rows, and of each input the numbers, folded row by row to its shape.\"\"\"\n");
    buf_put(out, "    numbers = table.to_numpy(\"float32\")\n    inputs = {\n");
    size_t at = 0;
    for (size_t i = 0; i < graph->inputs.n; i++) {
        const Shape *shape = &graph->inputs.at[i].wire->shape;
        size_t size = (size_t)shape_size(shape);
        buf_put(out, "        ");
        export_text(out, graph->inputs.at[i].name);
        buf_printf(out, ": numbers[:, %zu:%zu].reshape(-1", at, at + size);
        for (int d = 0; d < shape->rank; d++) buf_printf(out, ", %lld", (long long)shape->dim[d]);
        buf_put(out, "),\n");
        at += size;
    }
    buf_put(out, "    }\n    return table.index.to_numpy(), inputs\n\n\n");
}

static void put_main(const SavedModel *saved, Buf *out)
{
    const Graph *graph = saved->graph;
    buf_put(out, "def main():\n    table = read(sys.argv[1])\n    rows, inputs = prepare(table)\n    model = build()\n");
    buf_put(out, "    outputs = model.predict([");
    for (size_t i = 0; i < graph->inputs.n; i++) {
        buf_put(out, i ? ", inputs[" : "inputs[");
        export_text(out, graph->inputs.at[i].name);
        buf_char(out, ']');
    }
    buf_put(out, "], verbose=0)\n");
    buf_printf(out, "    said = answers(%s)\n", graph->outputs.n == 1 ? "[outputs]" : "outputs");
    buf_put(out, "    own = table.loc[rows].reset_index(drop=True).drop(columns=said.columns, errors=\"ignore\")\n");
    buf_put(out, "    result = pd.concat([own, said], axis=1)\n");
    buf_put(out, "    if len(sys.argv) > 2:\n        result.to_csv(sys.argv[2], index=False)\n    else:\n        print(result.head(10).to_string())\n");
    buf_put(out, "\n\nif __name__ == \"__main__\":\n    main()\n");
}

void export_script(Arena *arena, const SavedModel *saved, const char *weights, Buf *out)
{
    put_head(saved, weights, out);
    export_model(arena, saved, out);
    buf_put(out, "\n\n");
    if (saved->extras.recipe) export_recipe(arena, saved->extras.recipe, saved->extras.fit, saved, out);
    else put_plain(saved, out);
    export_answers(arena, saved, out);
    put_main(saved, out);
}
