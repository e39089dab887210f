/* Names of a script: parameters, data blocks, models and blocks share one namespace. Also the little arithmetic of
 * arguments: an expression of the tree becomes a Value.
 *
 * Parameters and the arguments of blocks are bound to their trees, not to values: what a word means depends on where it is
 * used (`param act = relu` is an activation only where an activation is wanted). */
#ifndef NNL_CHECK_SCOPE_H
#define NNL_CHECK_SCOPE_H

#include "runtime/kinds/kind.h"
#include "src/syntax/ast.h"

typedef enum { NAMED_PARAM, NAMED_DATA, NAMED_MODEL, NAMED_BLOCK } NamedType;

typedef struct {
    NamedType type;
    const char *name;
    Span span;
    const Ast *ast;      /* the statement */
    const Ast *value;    /* of a parameter: from the script, or from the command line */
    const char *folder;  /* of the file it stands in: paths in it are relative to this */
    int uses;
    void *checked;       /* CheckedData or CheckedModel, once there */
} Named;

/* The arguments of a block while its lines are read; parent: the block around it. Parameters of the script are outermost. */
typedef struct Env {
    const struct Env *parent;
    struct {
        const char *name;
        const Ast *value;
        const struct Env *home; /* where value's own names are looked up */
    } *at;
    size_t n;
} Env;

typedef struct Scope Scope;

Scope *scope_new(Arena *arena, Diags *diags);
/* Adds a statement's name; a name defined twice is reported with the first place. */
Named *scope_add(Scope *scope, NamedType type, const Ast *statement, const char *folder);
/* A statement that could not be read: names that it may have made are not reported as unknown. */
void scope_add_broken(Scope *scope, const Ast *statement);
/* NULL where there is none of that name; nothing is reported. */
Named *scope_find(const Scope *scope, const char *name);
/* The statement's name as a thing of that type; else reported (unknown with the nearest, or of another type). */
Named *scope_get(Scope *scope, NamedType type, const char *name, Span span);
size_t scope_count(const Scope *scope);
Named *scope_at(const Scope *scope, size_t i);

/* Reports a name that nothing explains, once for each name: later places become labels of the first report. */
void scope_unknown(Scope *scope, const char *name, Span span, const char *nearest);

/* What a name is bound to: a block's argument or a parameter, followed through names until something else stands there.
 * *env becomes where that tree's names are looked up. NULL: not bound. */
const Ast *scope_resolve(Scope *scope, const char *name, const Env **env);

/* The value of an expression. Names that are bound give what they are bound to; others stay VALUE_NAME where `words` (the
 * place takes words), else they are reported. Calls are not judged here (VALUE_NONE with *call set to the AST_CALL and *env
 * to its home). false: reported. */
bool scope_value(Scope *scope, const Ast *ast, const Env **env, bool words, Value *value, const Ast **call);

/* A whole number of at least `least`; reports what else stands there as the value of `what`. */
bool scope_whole(Scope *scope, const Ast *ast, const Env *env, const char *what, int64_t least, int64_t *value);
/* A number. */
bool scope_number(Scope *scope, const Ast *ast, const Env *env, const char *what, double *value);
/* A text: a quoted one or a parameter that holds one. NULL: reported. */
const char *scope_text(Scope *scope, const Ast *ast, const char *what);
/* A file's path, relative to the folder the script stands in. NULL: reported (also where its text was mended and no such file is there). */
const char *scope_path(Scope *scope, const Ast *ast, const char *folder);
/* Reports a file that is not there as seen from the script's folder, but is from the working folder: how the script must write it.
 * False: nothing to say about it. */
bool scope_path_elsewhere(Scope *scope, const Ast *ast, const char *folder);

#endif
