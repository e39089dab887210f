/* Tokens to tree; nothing else. One action, one node. Lines are joined and brackets closed before (src/syntax/token.c), so
 * that every line and every block ends in NL. Clause words are tokens that `name` lets back in wherever a name may stand.
 *
 * A broken line becomes AST_ERROR and the next one is read: in every list stand `error NL` and `error '{' skip '}' NL`, the
 * second because a broken header's block belongs to it. What a parser state and a token mean in words is found in
 * messages.def. */
%define api.pure full
%define api.prefix {nnl_}
%define api.token.prefix {TOK_}
%define api.location.type {Span}
%define parse.error custom
%define parse.lac full
%define lr.default-reduction consistent
%locations
%expect 0
%param {Parser *p}

%code requires {
#include "src/syntax/parser.h"
}
%code {
static int nnl_lex(NNL_STYPE *value, Span *span, Parser *p);
static void nnl_error(const Span *span, Parser *p, const char *text);

#define YYLLOC_DEFAULT(Current, Rhs, N) ((Current) = (N) ? span_join(YYRHSLOC(Rhs, 1), YYRHSLOC(Rhs, N)) : span_after(YYRHSLOC(Rhs, 0)))

/* A node of a type and span, and of the fields that follow. */
#define NODE(type_, span_, ...) node_new(p, (Ast){.type = (type_), .span = (span_)__VA_OPT__(, ) __VA_ARGS__})
#define CLAUSE(type_, span_, token_, ...) clause_new(p, (Ast){.type = (type_), .span = (span_), SAID(token_)__VA_OPT__(, ) __VA_ARGS__})
#define NAME(token_) .name = (token_)->text, .name_span = span_of(p, (token_))
#define COLUMN(node_) .name = ast_column_text(node_), .name_span = (node_)->span
#define SAID(token_) .word = (token_)->text, .word_span = span_of(p, (token_))
#define SAID2(token_, text_) .word2 = (text_), .word2_span = span_of(p, (token_))
#define STRING(token_) .text = (token_)->text, .text_span = span_of(p, (token_))
#define DESCRIPTION(node_) .text = (node_) ? (node_)->text : NULL, .text_span = (node_) ? (node_)->span : NO_SPAN
#define CLOSE(close_, open_) .close = span_of(p, (close_)), .open = span_of(p, (open_))
#define ONE_MODEL(token_) .args = list_one(p, name_node(p, (token_)))
}

%union {
    const Token *tok;
    Ast *ast;
    AstList list;
    bool flag;
}

%token YYEOF 0 "the end of the script"
%token <tok> NL "the end of the line"
%token START_SCRIPT START_VALUE
%token <tok> IDENT "a name" NUMBER "a number" PERCENT "a share like 80%" TEXT "a text in double quotes"
%token <tok> BAD_VALUE BAD ARROW "->" DOTS ".." DOT "." COMMA "," COLON ":" EQ "=" NE "!=" LT "<" LE "<=" GT ">" GE ">="
%token <tok> PLUS "+" MINUS "-" STAR "*" SLASH "/" LPAREN "(" RPAREN ")" LBRACKET "[" RBRACKET "]" LBRACE "{" RBRACE "}"

%token <tok> ALLOW "allow" BLOCK "block" DATA "data" EVALUATE "evaluate" FORECAST "forecast" MODEL "model"
%token <tok> PARAM "param" PLOT "plot" PREDICT "predict" SAVE "save" SEED "seed" SHOW "show" SUMMARY "summary"
%token <tok> TRAIN "train" USE "use" INPUT "input" LAYER "layer" OUTPUT "output" REPEAT "repeat" AND "and"
%token <tok> FALSE "false" FROM "from" IF "if" IN "in" NONE "none" NOT "not" ON "on" OR "or" TO "to"
%token <tok> TRUE "true"
%token <tok> CROSS_VALIDATE "cross_validate" REPORT "report" FREEZE "freeze" UNFREEZE "unfreeze"
%token <tok> WEIGHTS "weights" COMMENT "comment" DATE "date" DELIMITER "delimiter" DERIVE "derive" DROP "drop"
%token <tok> ENCODE "encode" ENCODING "encoding" FEATURES "features" FILL "fill" GROUP "group" HEADER "header"
%token <tok> JOIN "join" KNOWN "known" MISSING "missing" NUMBER_CLAUSE "number" ORDER "order" RENAME "rename"
%token <tok> REPLACE "replace" SCALE "scale" SPLIT "split" TAKE "take" TARGET "target" TEST "test"
%token <tok> VALIDATION "validation" WEIGHT "weight" WHERE "where" WINDOW "window" BATCH "batch"
%token <tok> CALLBACK "callback" CLASS_WEIGHT "class_weight" EPOCHS "epochs" LOSS "loss"
%token <tok> LOSS_WEIGHTS "loss_weights" METRICS "metrics" OPTIMIZER "optimizer" SHUFFLE "shuffle"
%token <tok> AHEAD "ahead" ALL "all" AS "as" BALANCED "balanced" BLANKS "blanks" BY "by" CLASS "class"
%token <tok> EVERY "every" EXCEPT "except" FIRST "first" FOLDS "folds" FOR "for" GIVEN "given"
%token <tok> HISTORY "history" LAST "last" MEAN "mean" NUMBERS "numbers" OF "of" PER "per" POSITIVE "positive"
%token <tok> PREDICTIONS "predictions" REPEATS "repeats" ROWS "rows" SAMPLE "sample" SEASON "season"
%token <tok> SHUFFLED "shuffled" STEPS "steps" STRATIFIED "stratified" STRIDE "stride" STRIP "strip" SUM "sum"
%token <tok> TEXTS "texts" THRESHOLD "threshold" UNTIL "until" USING "using"

%type <tok> name new_name no_name data_name ref soft data_word train_word other_word column_word reserved reserved_name reserved_other
%type <tok> delimiter_word part part_name argument_name no_data_word no_train_word relation
%type <ast> statement stated model_line lined data_clause data_claused train_clause train_claused freeze_line freeze_lined
%type <ast> source path where_on on_data maybe_to opt_description evaluate_option chain link not_a_layer parameter
%type <ast> column selection plain_column item method fill_value signed text mark every opt_as_list target_option share
%type <ast> until_value by_share rename replacement weighted label
%type <ast> call argument value list sum product factor primary number test both negation comparison
%type <list> statements lines data_clauses train_clauses freeze_lines names refs evaluate_options parameters parameter_list
%type <list> columns plain_columns items item_list texts marks target_options window_options shares by_shares renames
%type <list> replacements weighteds arguments argument_list values value_list
%type <flag> opt_per_group

%start start
%%

start
    : START_SCRIPT statements YYEOF           { p->result = NODE(AST_SCRIPT, script_span(p), .items = $2); }
    | START_VALUE value YYEOF                 { p->result = $2; }
    ;

/* ---- words ---- */

name: column_word | ALL | NUMBERS | TEXTS ;
soft: data_word | train_word | other_word ;
data_word:
    COMMENT | DATE | DELIMITER | DERIVE | DROP | ENCODE | ENCODING | FEATURES | FILL | GROUP | HEADER | JOIN
     | KNOWN | MISSING | NUMBER_CLAUSE | ORDER | RENAME | REPLACE | SCALE | SPLIT | TAKE | TARGET | TEST
     | VALIDATION | WEIGHT | WHERE | WINDOW
    ;
train_word:
    BATCH | CALLBACK | CLASS_WEIGHT | EPOCHS | LOSS | LOSS_WEIGHTS | METRICS | OPTIMIZER | SHUFFLE
    ;
other_word:
    CROSS_VALIDATE | REPORT | FREEZE | UNFREEZE | WEIGHTS | AHEAD | AS | BALANCED | BLANKS | BY | CLASS
     | EVERY | EXCEPT | FIRST | FOLDS | FOR | GIVEN | HISTORY | LAST | MEAN | OF | PER | POSITIVE
     | PREDICTIONS | REPEATS | ROWS | SAMPLE | SEASON | SHUFFLED | STEPS | STRATIFIED | STRIDE | STRIP | SUM
     | THRESHOLD | UNTIL | USING
    ;
reserved: reserved_name | reserved_other ;
reserved_name:
    ALLOW | BLOCK | DATA | EVALUATE | FORECAST | MODEL | PARAM | PLOT | PREDICT | SAVE | SEED | SHOW | SUMMARY
     | TRAIN | USE | INPUT | LAYER | OUTPUT | REPEAT
    ;
reserved_other:
    AND | FALSE | FROM | IF | IN | NONE | NOT | ON | OR | TO | TRUE
    ;

/* A name that is given here; one that was given elsewhere. Slips are reported and the line goes on. */
new_name
    : name
    | reserved_name                         { $$ = name_reserved(p, $1); }
    | TEXT                                  { $$ = name_quoted(p, $1); }
    | no_name
    ;
no_name: %empty                             { $$ = name_missing(p, yylloc); } ;
data_name: name | reserved_name             { $$ = name_reserved(p, $1); } ;
ref
    : name
    | TEXT                                  { $$ = name_quoted(p, $1); }
    ;
names
    : name                                  { $$ = list_one(p, name_node(p, $1)); }
    | names COMMA name                      { $$ = list_add(p, $1, name_node(p, $3)); }
    ;
refs
    : ref                                   { $$ = list_one(p, name_node(p, $1)); }
    | refs COMMA ref                        { $$ = list_add(p, $1, name_node(p, $3)); }
    ;

/* Small words whose lack is plain from what follows. */
on: ON | %empty                             { word_missing(p, yylloc, "on"); } ;
to: TO | no_to ;
no_to: %empty                               { word_missing(p, yylloc, "to"); } ;
from: FROM | %empty                         { word_missing(p, yylloc, "from"); } ;

/* What error recovery passes over: any run of tokens with balanced braces. */
skip: %empty | skip skipped | skip NL | skip LBRACE skip RBRACE ;
rest: %empty | rest skipped | rest LBRACE skip RBRACE ;
skipped
    : name | reserved | NUMBER | PERCENT | TEXT | BAD_VALUE | BAD | ARROW | DOTS | DOT | COMMA | COLON | EQ | NE | LT | LE
    | GT | GE | PLUS | MINUS | STAR | SLASH | LPAREN | RPAREN | LBRACKET | RBRACKET
    ;

/* ---- statements ---- */

statements
    : %empty                                { $$ = (AstList){0}; }
    | statements stated                     { $$ = list_add(p, $1, $2); }
    ;
stated
    : statement NL
    | error NL                              { yyerrok; $$ = broken(p, $2); }
    | error LBRACE skip RBRACE NL           { yyerrok; $$ = broken(p, $5); }
    ;
statement
    : USE name                              { $$ = NODE(AST_USE, @$, NAME($2)); }
    | USE TEXT                              { $$ = NODE(AST_USE, @$, STRING($2)); }
    | PARAM new_name EQ value opt_description
                                            { $$ = NODE(AST_PARAM, @$, NAME($2), .value = $4, DESCRIPTION($5)); }
    | SEED sum                              { $$ = NODE(AST_SEED, @$, .value = $2); }
    | ALLOW refs                            { $$ = NODE(AST_ALLOW, @$, .items = $2); }
    | DATA data_name from source LBRACE data_clauses RBRACE
                                            { $$ = NODE(AST_DATA, @$, NAME($2), .value = $4, .items = $6, CLOSE($7, $5)); }
    | DATA no_name FROM source LBRACE data_clauses RBRACE
                                            { $$ = NODE(AST_DATA, @$, NAME($2), .value = $4, .items = $6, CLOSE($7, $5)); }
    | MODEL new_name LBRACE lines RBRACE    { $$ = NODE(AST_MODEL, @$, NAME($2), .items = $4, CLOSE($5, $3)); }
    | MODEL new_name FROM path              { $$ = NODE(AST_MODEL, @$, NAME($2), .value = $4); }
    | MODEL new_name FROM path LBRACE freeze_lines RBRACE
                                            { $$ = NODE(AST_MODEL, @$, NAME($2), .value = $4, .items = $6, CLOSE($7, $5)); }
    | BLOCK new_name LBRACE lines RBRACE    { $$ = NODE(AST_BLOCK, @$, NAME($2), .items = $4, CLOSE($5, $3)); }
    | BLOCK new_name LPAREN parameters RPAREN LBRACE lines RBRACE
                                            { $$ = NODE(AST_BLOCK, @$, NAME($2), .args = $4, .items = $7, CLOSE($8, $6)); }
    | TRAIN ref on on_data LBRACE train_clauses RBRACE
                                            { $$ = NODE(AST_TRAIN, @$, NAME($2), .on = $4, .items = $6, CLOSE($7, $5)); }
    | TRAIN ref on on_data                  { block_missing(p, @1, @4); $$ = NODE(AST_TRAIN, @$, NAME($2), .on = $4); }
    | EVALUATE refs on where_on evaluate_options
                                            { $$ = evaluate(p, @$, $2, $4, $5); }
    | CROSS_VALIDATE ref on on_data FOLDS sum
                                            { $$ = NODE(AST_CROSS_VALIDATE, @$, NAME($2), .on = $4, .value = $6); }
    | CROSS_VALIDATE ref on on_data FOLDS sum REPEATS sum
                                            { $$ = NODE(AST_CROSS_VALIDATE, @$, NAME($2), .on = $4, .value = $6, .extra = $8); }
    | PREDICT ref on where_on maybe_to      { $$ = NODE(AST_PREDICT, @$, NAME($2), .on = $4, .path = $5); }
    | FORECAST ref on on_data FOR sum STEPS maybe_to
                                            { $$ = NODE(AST_FORECAST, @$, NAME($2), .on = $4, .value = $6, .path = $8); }
    | FORECAST ref on on_data FOR sum STEPS USING path maybe_to
                                            { $$ = NODE(AST_FORECAST, @$, NAME($2), .on = $4, .value = $6, .extra = $9, .path = $10); }
    | SAVE ref to path                      { $$ = NODE(AST_SAVE, @$, NAME($2), .path = $4); }
    | SHOW ref                              { $$ = NODE(AST_SHOW, @$, NAME($2)); }
    | SUMMARY ref                           { $$ = NODE(AST_SUMMARY, @$, NAME($2)); }
    | PLOT ref TO path                      { $$ = NODE(AST_PLOT, @$, .word = "model", ONE_MODEL($2), .path = $4); }
    | PLOT ref no_to TEXT                   { $$ = NODE(AST_PLOT, @$, .word = "model", ONE_MODEL($2), .path = text_node(p, $4)); }
    | PLOT HISTORY OF refs to path          { $$ = NODE(AST_PLOT, @$, SAID($2), .args = $4, .path = $6); }
    | PLOT PREDICTIONS OF refs on where_on to path
                                            { $$ = NODE(AST_PLOT, @$, SAID($2), .args = $4, .on = $6, .path = $8); }
    | REPORT ref to path                    { $$ = NODE(AST_REPORT, @$, NAME($2), .path = $4); }
    ;

opt_description: %empty { $$ = NULL; } | TEXT { $$ = text_node(p, $1); } ;
path: TEXT { $$ = text_node(p, $1); } | name { $$ = name_node(p, $1); } ;
maybe_to: %empty { $$ = NULL; } | TO path { $$ = $2; } ;
source
    : path
    | SAMPLE call                           { $$ = $2; }
    | SAMPLE name                           { $$ = NODE(AST_CALL, @2, NAME($2)); }
    ;
on_data: ref                                { $$ = NODE(AST_ON, @$, NAME($1)); } ;
where_on
    : name                                  { $$ = NODE(AST_ON, @$, NAME($1)); }
    | name DOT part                         { $$ = on_part(p, @$, $1, $3); }
    | TEXT                                  { $$ = NODE(AST_ON, @$, .path = text_node(p, $1)); }
    ;
part: TRAIN | name ;
evaluate_options
    : %empty                                { $$ = (AstList){0}; }
    | evaluate_options evaluate_option      { $$ = list_add(p, $1, $2); }
    ;
evaluate_option
    : THRESHOLD sum                         { $$ = NODE(AST_PAIR, @$, SAID($1), .value = $2); }
    | SEASON sum                            { $$ = NODE(AST_PAIR, @$, SAID($1), .value = $2); }
    ;

/* ---- lines of a model or block ---- */

lines
    : %empty                                { $$ = (AstList){0}; }
    | lines lined                           { $$ = list_add(p, $1, $2); }
    ;
lined
    : model_line NL
    | error NL                              { yyerrok; $$ = broken(p, $2); }
    | error LBRACE skip RBRACE NL           { yyerrok; $$ = broken(p, $5); }
    ;
model_line
    : INPUT new_name                        { $$ = NODE(AST_INPUT, @$, NAME($2)); }
    | INPUT new_name LBRACKET values RBRACKET
                                            { $$ = NODE(AST_INPUT, @$, NAME($2), .args = $4, .flag = true, CLOSE($5, $3)); }
    | OUTPUT new_name                       { $$ = NODE(AST_OUTPUT, @$, NAME($2)); }
    | OUTPUT new_name EQ chain              { $$ = NODE(AST_OUTPUT, @$, NAME($2), .value = $4); }
    | LAYER new_name EQ link                { $$ = NODE(AST_LAYER, @$, NAME($2), .value = $4); }
    | names EQ chain                        { $$ = NODE(AST_WIRE, @$, .args = $1, .value = $3); }
    | chain                                 { $$ = NODE(AST_LINE, @$, .value = $1); }
    | REPEAT sum LBRACE lines RBRACE        { $$ = NODE(AST_REPEAT, @$, .value = $2, .items = $4, CLOSE($5, $3)); }
    | WEIGHTS FROM path                     { $$ = NODE(AST_WEIGHTS_FROM, @$, .path = $3); }
    ;
chain
    : link                                  { $$ = NODE(AST_CHAIN, @$, .items = list_one(p, $1)); }
    | chain ARROW link                      { $$ = chain_add(p, $1, $3); }
    | chain ARROW not_a_layer               { $$ = chain_add(p, $1, link_odd(p, $3)); }
    ;
link: name { $$ = name_node(p, $1); } | call ;
not_a_layer
    : number | list
    | TEXT                                  { $$ = text_node(p, $1); }
    | TRUE                                  { $$ = NODE(AST_TRUE, @$); }
    | FALSE                                 { $$ = NODE(AST_FALSE, @$); }
    | NONE                                  { $$ = NODE(AST_NONE, @$); }
    ;

parameters
    : %empty                                { $$ = (AstList){0}; }
    | parameter_list
    ;
parameter_list
    : parameter                             { $$ = list_one(p, $1); }
    | parameter_list COMMA parameter        { $$ = list_add(p, $1, $3); }
    ;
parameter
    : name                                  { $$ = NODE(AST_ARG, @$, NAME($1)); }
    | name EQ value                         { $$ = NODE(AST_ARG, @$, NAME($1), .value = $3); }
    | reserved_name                         { $$ = NODE(AST_ARG, @$, NAME(name_reserved(p, $1))); }
    ;

freeze_lines
    : %empty                                { $$ = (AstList){0}; }
    | freeze_lines freeze_lined             { $$ = list_add(p, $1, $2); }
    ;
freeze_lined
    : freeze_line NL
    | error NL                              { yyerrok; $$ = broken(p, $2); }
    | error LBRACE skip RBRACE NL           { yyerrok; $$ = broken(p, $5); }
    ;
freeze_line
    : FREEZE refs                           { $$ = NODE(AST_FREEZE, @$, .args = $2); }
    | UNFREEZE refs                         { $$ = NODE(AST_UNFREEZE, @$, .args = $2); }
    ;

/* ---- clauses of data ---- */

data_clauses
    : %empty                                { $$ = (AstList){0}; }
    | data_clauses data_claused             { $$ = list_add(p, $1, $2); }
    ;
data_claused
    : data_clause NL
    | error NL                              { yyerrok; $$ = broken(p, $2); }
    | error LBRACE skip RBRACE NL           { yyerrok; $$ = broken(p, $5); }
    ;
data_clause
    : ORDER BY columns                      { $$ = CLAUSE(AST_CLAUSE_ORDER, @$, $1, .items = $3); }
    | ORDER BY columns every                { $$ = CLAUSE(AST_CLAUSE_ORDER, @$, $1, .items = $3, .extra = $4); }
    | ORDER AS GIVEN                        { $$ = CLAUSE(AST_CLAUSE_ORDER, @$, $1, .flag = true); }
    | GROUP BY columns                      { $$ = CLAUSE(AST_CLAUSE_GROUP, @$, $1, .items = $3); }
    | FEATURES columns opt_as_list          { $$ = features(p, @$, $1, (AstList){0}, $2, $3); }
    | FEATURES columns COLON columns opt_as_list
                                            { $$ = features(p, @$, $1, $2, $4, $5); }
    | KNOWN columns                         { $$ = CLAUSE(AST_CLAUSE_KNOWN, @$, $1, .items = $2); }
    | TARGET columns target_options         { $$ = target(p, @$, $1, (AstList){0}, $2, $3); }
    | TARGET columns COLON columns target_options
                                            { $$ = target(p, @$, $1, $2, $4, $5); }
    | ENCODE columns COLON method           { $$ = CLAUSE(AST_CLAUSE_ENCODE, @$, $1, .items = $2, .value = $4); }
    | ENCODE columns no_colon IDENT         { $$ = CLAUSE(AST_CLAUSE_ENCODE, @$, $1, .items = $2, .value = name_node(p, $4)); }
    | SCALE items opt_per_group             { $$ = method_alone(p, AST_CLAUSE_SCALE, @$, $1, $2, $3); }
    | SCALE items COLON method opt_per_group
                                            { $$ = CLAUSE(AST_CLAUSE_SCALE, @$, $1, .items = $2, .value = $4, .flag = $5); }
    | FILL items                            { $$ = method_alone(p, AST_CLAUSE_FILL, @$, $1, $2, false); }
    | FILL items COLON fill_value           { $$ = CLAUSE(AST_CLAUSE_FILL, @$, $1, .items = $2, .value = $4); }
    | DROP MISSING                          { $$ = CLAUSE(AST_CLAUSE_DROP, @$, $1); }
    | WINDOW sum window_options             { $$ = window(p, @$, $1, NULL, $2, $3); }
    | WINDOW name COLON sum window_options  { $$ = window(p, @$, $1, $2, $4, $5); }
    | SPLIT shares                          { $$ = CLAUSE(AST_CLAUSE_SPLIT, @$, $1, .items = $2); }
    | SPLIT shares SHUFFLED                 { $$ = CLAUSE(AST_CLAUSE_SPLIT, @$, $1, .items = $2, SAID2($3, "shuffled")); }
    | SPLIT shares SHUFFLED LPAREN arguments RPAREN
                                            { $$ = CLAUSE(AST_CLAUSE_SPLIT, @$, $1, .items = $2, SAID2($3, "shuffled"), .args = $5, .close = @6); }
    | SPLIT shares IN ORDER                 { $$ = CLAUSE(AST_CLAUSE_SPLIT, @$, $1, .items = $2, SAID2($3, "in order")); }
    | SPLIT shares STRATIFIED               { $$ = CLAUSE(AST_CLAUSE_SPLIT, @$, $1, .items = $2, SAID2($3, "stratified")); }
    | SPLIT BY column COLON by_shares       { $$ = split_by(p, @$, $1, $3, $5); }
    | VALIDATION FROM path                  { $$ = CLAUSE(AST_CLAUSE_PART_FROM, @$, $1, .path = $3); }
    | TEST FROM path                        { $$ = CLAUSE(AST_CLAUSE_PART_FROM, @$, $1, .path = $3); }
    | WEIGHT column                         { $$ = CLAUSE(AST_CLAUSE_WEIGHT, @$, $1, COLUMN($2)); }
    | HEADER NONE                           { $$ = CLAUSE(AST_CLAUSE_HEADER, @$, $1, .flag = true); }
    | HEADER texts                          { $$ = CLAUSE(AST_CLAUSE_HEADER, @$, $1, .items = $2); }
    | DELIMITER TEXT                        { $$ = CLAUSE(AST_CLAUSE_DELIMITER, @$, $1, .value = text_node(p, $2)); }
    | DELIMITER delimiter_word              { $$ = CLAUSE(AST_CLAUSE_DELIMITER, @$, $1, .value = delimiter_named(p, $2)); }
    | DELIMITER BLANKS                      { $$ = CLAUSE(AST_CLAUSE_DELIMITER, @$, $1, .flag = true); }
    | COMMENT text                          { $$ = CLAUSE(AST_CLAUSE_COMMENT, @$, $1, .value = $2); }
    | ENCODING text                         { $$ = CLAUSE(AST_CLAUSE_ENCODING, @$, $1, .value = $2); }
    | MISSING marks                         { $$ = CLAUSE(AST_CLAUSE_MISSING, @$, $1, .items = $2); }
    | NUMBER_CLAUSE columns STRIP text      { $$ = CLAUSE(AST_CLAUSE_NUMBER, @$, $1, .items = $2, .value = $4); }
    | DATE column AS text                   { $$ = date(p, @$, $1, NULL, list_one(p, $2), $4); }
    | DATE column_word FROM columns AS text { $$ = date(p, @$, $1, $2, $4, $6); }
    | RENAME renames                        { $$ = CLAUSE(AST_CLAUSE_RENAME, @$, $1, .items = $2); }
    | JOIN path ON columns                  { $$ = CLAUSE(AST_CLAUSE_JOIN, @$, $1, .path = $2, .items = $4); }
    | DERIVE new_name EQ test               { $$ = CLAUSE(AST_CLAUSE_DERIVE, @$, $1, NAME($2), .value = $4); }
    | REPLACE columns COLON replacements    { $$ = CLAUSE(AST_CLAUSE_REPLACE, @$, $1, .items = $2, .args = $4); }
    | WHERE test                            { $$ = CLAUSE(AST_CLAUSE_WHERE, @$, $1, .value = $2); }
    | TAKE sum rows                         { $$ = CLAUSE(AST_CLAUSE_TAKE, @$, $1, .value = $2); }
    | TAKE sum rows SHUFFLED                { $$ = CLAUSE(AST_CLAUSE_TAKE, @$, $1, .value = $2, .flag = true); }
    | no_data_word rest                     { $$ = CLAUSE(AST_CLAUSE_UNKNOWN, @$, $1, .flag = false); }
    ;
delimiter_word: IDENT | COMMA | COLON ;
no_data_word: IDENT | train_word | other_word | ALL | NUMBERS | TEXTS ;

rows: ROWS | %empty                         { word_missing(p, yylloc, "rows"); } ;
no_colon: %empty                            { word_missing(p, yylloc, ":"); } ;

/* Columns: names, quoted names, selections. */
column_word: IDENT | soft ;
column
    : column_word                           { $$ = name_node(p, $1); }
    | TEXT                                  { $$ = text_node(p, $1); }
    ;
selection
    : ALL                                   { $$ = NODE(AST_ALL, @$, SAID($1)); }
    | NUMBERS                               { $$ = NODE(AST_NUMBERS, @$, SAID($1)); }
    | TEXTS                                 { $$ = NODE(AST_TEXTS, @$, SAID($1)); }
    ;
plain_column
    : column | selection
    | reserved_name                         { $$ = column_reserved(p, $1); }
    ;
plain_columns
    : plain_column                          { $$ = list_one(p, $1); }
    | plain_columns COMMA plain_column      { $$ = list_add(p, $1, $3); }
    ;
columns
    : plain_columns
    | ALL EXCEPT plain_columns              { $$ = list_one(p, NODE(AST_ALL, @$, SAID($1), .items = $3)); }
    ;
/* What stands before or behind the colon of a clause: columns, outputs, methods; the checker tells them apart. */
item
    : column | selection | call | signed
    | NONE                                  { $$ = NODE(AST_NONE, @$); }
    | reserved_name                         { $$ = column_reserved(p, $1); }
    ;
item_list
    : item                                  { $$ = list_one(p, $1); }
    | item_list COMMA item                  { $$ = list_add(p, $1, $3); }
    ;
items
    : item_list
    | ALL EXCEPT plain_columns              { $$ = list_one(p, NODE(AST_ALL, @$, SAID($1), .items = $3)); }
    ;
method
    : name                                  { $$ = name_node(p, $1); }
    | call
    | NONE                                  { $$ = NODE(AST_NONE, @$); }
    | TEXT                                  { $$ = text_node(p, $1); }
    ;
fill_value
    : name                                  { $$ = name_node(p, $1); }
    | call | signed
    | TEXT                                  { $$ = text_node(p, $1); }
    ;
signed
    : number
    | MINUS number                          { $$ = NODE(AST_UNARY, @$, .word = "-", .word_span = @1, .value = $2); }
    ;
text
    : TEXT                                  { $$ = text_node(p, $1); }
    | column_word                           { $$ = text_unquoted(p, $1); }
    ;
texts
    : text                                  { $$ = list_one(p, $1); }
    | texts COMMA text                      { $$ = list_add(p, $1, $3); }
    ;
mark: text | signed ;
marks
    : mark                                  { $$ = list_one(p, $1); }
    | marks COMMA mark                      { $$ = list_add(p, $1, $3); }
    ;

every
    : EVERY sum column_word                 { $$ = every(p, @$, $2, $3, NULL); }
    | EVERY sum column_word column_word     { $$ = every(p, @$, $2, $3, $4); }
    ;
opt_as_list
    : %empty                                { $$ = NULL; }
    | AS list                               { $$ = $2; }
    ;
opt_per_group
    : %empty                                { $$ = false; }
    | PER GROUP                             { $$ = true; }
    ;
target_options
    : %empty                                { $$ = (AstList){0}; }
    | target_options target_option          { $$ = list_add(p, $1, $2); }
    ;
target_option
    : AS CLASS                              { $$ = NODE(AST_PAIR, @$, SAID($1)); }
    | AHEAD sum                             { $$ = NODE(AST_PAIR, @$, SAID($1), .value = $2); }
    | AHEAD sum DOTS sum                    { $$ = NODE(AST_PAIR, @$, SAID($1), .value = range(p, $2, $4)); }
    | POSITIVE mark                         { $$ = NODE(AST_PAIR, @$, SAID($1), .value = $2); }
    ;
window_options
    : %empty                                { $$ = (AstList){0}; }
    | window_options STRIDE sum             { $$ = list_add(p, $1, NODE(AST_PAIR, @2, SAID($2), .value = $3)); }
    | window_options EVERY sum              { $$ = list_add(p, $1, NODE(AST_PAIR, @2, SAID($2), .value = $3)); }
    ;
part_name: TRAIN | VALIDATION | TEST ;
shares
    : share                                 { $$ = list_one(p, $1); }
    | shares COMMA share                    { $$ = list_add(p, $1, $3); }
    ;
share
    : part_name sum                         { $$ = NODE(AST_SHARE, @$, SAID($1), .value = $2); }
    | part_name UNTIL until_value           { $$ = NODE(AST_SHARE, @$, SAID($1), .value = $3, .flag = true); }
    ;
until_value
    : TEXT                                  { $$ = text_node(p, $1); }
    | number
    | IDENT                                 { $$ = name_node(p, $1); }
    ;
by_shares
    : by_share                              { $$ = list_one(p, $1); }
    | by_shares COMMA by_share              { $$ = list_add(p, $1, $3); }
    ;
by_share
    : part_name mark                        { $$ = NODE(AST_SHARE, @$, SAID($1), .items = list_one(p, $2)); }
    | part_name LBRACKET marks RBRACKET     { $$ = NODE(AST_SHARE, @$, SAID($1), .items = $3, CLOSE($4, $2)); }
    ;
renames
    : rename                                { $$ = list_one(p, $1); }
    | renames COMMA rename                  { $$ = list_add(p, $1, $3); }
    ;
rename: column COLON new_name               { $$ = NODE(AST_PAIR, @$, .value = $1, .extra = name_node(p, $3)); } ;
replacements
    : replacement                           { $$ = list_one(p, $1); }
    | replacements COMMA replacement        { $$ = list_add(p, $1, $3); }
    ;
replacement: mark EQ mark                   { $$ = NODE(AST_PAIR, @$, .value = $1, .extra = $3); } ;

/* ---- clauses of train ---- */

train_clauses
    : %empty                                { $$ = (AstList){0}; }
    | train_clauses train_claused           { $$ = list_add(p, $1, $2); }
    ;
train_claused
    : train_clause NL
    | error NL                              { yyerrok; $$ = broken(p, $2); }
    | error LBRACE skip RBRACE NL           { yyerrok; $$ = broken(p, $5); }
    ;
train_clause
    : EPOCHS sum                            { $$ = CLAUSE(AST_CLAUSE_EPOCHS, @$, $1, .value = $2); }
    | BATCH sum                             { $$ = CLAUSE(AST_CLAUSE_BATCH, @$, $1, .value = $2); }
    | OPTIMIZER method                      { $$ = CLAUSE(AST_CLAUSE_OPTIMIZER, @$, $1, .value = $2); }
    | LOSS method                           { $$ = CLAUSE(AST_CLAUSE_LOSS, @$, $1, .value = $2); }
    | LOSS names COLON method               { $$ = CLAUSE(AST_CLAUSE_LOSS, @$, $1, .args = $2, .value = $4); }
    | METRICS items                         { $$ = metrics(p, @$, $1, (AstList){0}, $2); }
    | METRICS items COLON items             { $$ = metrics(p, @$, $1, $2, $4); }
    | LOSS_WEIGHTS names COLON sum          { $$ = CLAUSE(AST_CLAUSE_LOSS_WEIGHTS, @$, $1, .args = $2, .value = $4); }
    | CLASS_WEIGHT BALANCED                 { $$ = CLAUSE(AST_CLAUSE_CLASS_WEIGHT, @$, $1, .flag = true); }
    | CLASS_WEIGHT weighteds                { $$ = CLAUSE(AST_CLAUSE_CLASS_WEIGHT, @$, $1, .items = $2); }
    | SHUFFLE value                         { $$ = CLAUSE(AST_CLAUSE_SHUFFLE, @$, $1, .value = $2); }
    | CALLBACK method                       { $$ = CLAUSE(AST_CLAUSE_CALLBACK, @$, $1, .value = $2); }
    | no_train_word rest                    { $$ = CLAUSE(AST_CLAUSE_UNKNOWN, @$, $1, .flag = false); }
    ;
no_train_word: IDENT | data_word | other_word | ALL | NUMBERS | TEXTS ;
weighteds
    : weighted                              { $$ = list_one(p, $1); }
    | weighteds COMMA weighted              { $$ = list_add(p, $1, $3); }
    ;
weighted: label COLON sum                   { $$ = NODE(AST_PAIR, @$, .value = $1, .extra = $3); } ;
label
    : TEXT                                  { $$ = text_node(p, $1); }
    | signed
    | IDENT                                 { $$ = text_unquoted(p, $1); }
    ;

/* ---- expressions ---- */

call
    : name LPAREN arguments RPAREN          { $$ = NODE(AST_CALL, @$, NAME($1), .args = $3, .flag = true, CLOSE($4, $2)); }
    ;
arguments
    : %empty                                { $$ = (AstList){0}; }
    | argument_list
    ;
argument_list
    : argument                              { $$ = list_one(p, $1); }
    | argument_list COMMA argument          { $$ = list_add(p, $1, $3); }
    ;
argument
    : value                                 { $$ = NODE(AST_ARG, @$, .value = arithmetic_only(p, $1)); }
    | argument_name EQ value                { $$ = NODE(AST_ARG, @$, NAME($1), .value = arithmetic_only(p, $3)); }
    ;
argument_name: name | reserved ;

value
    : sum
    | TEXT                                  { $$ = text_node(p, $1); }
    | TRUE                                  { $$ = NODE(AST_TRUE, @$); }
    | FALSE                                 { $$ = NODE(AST_FALSE, @$); }
    | NONE                                  { $$ = NODE(AST_NONE, @$); }
    | list
    ;
values
    : %empty                                { $$ = (AstList){0}; }
    | value_list
    ;
value_list
    : value                                 { $$ = list_one(p, $1); }
    | value_list COMMA value                { $$ = list_add(p, $1, $3); }
    ;
list: LBRACKET values RBRACKET              { $$ = NODE(AST_LIST, @$, .items = $2, CLOSE($3, $1)); } ;

sum
    : product
    | sum PLUS product                      { $$ = binary(p, $1, $2, $3); }
    | sum MINUS product                     { $$ = binary(p, $1, $2, $3); }
    ;
product
    : factor
    | product STAR factor                   { $$ = binary(p, $1, $2, $3); }
    | product SLASH factor                  { $$ = binary(p, $1, $2, $3); }
    ;
factor
    : primary
    | MINUS factor                          { $$ = NODE(AST_UNARY, @$, .word = "-", .word_span = @1, .value = $2); }
    ;
primary
    : number
    | name                                  { $$ = name_node(p, $1); }
    | call
    | LPAREN test RPAREN                    { $$ = grouped(p, $2, @$); }
    | IF LPAREN test COMMA value COMMA value RPAREN
                                            { $$ = NODE(AST_IF, @$, .value = $3, .extra = $5, .extra2 = $7, CLOSE($8, $2)); }
    ;
number
    : NUMBER                                { $$ = number_node(p, $1); }
    | PERCENT                               { $$ = number_node(p, $1); }
    | BAD_VALUE                             { $$ = NODE(AST_ERROR, @$); }
    ;

test
    : both
    | test OR both                          { $$ = binary(p, $1, $2, $3); }
    ;
both
    : negation
    | both AND negation                     { $$ = binary(p, $1, $2, $3); }
    ;
negation
    : comparison
    | NOT negation                          { $$ = NODE(AST_UNARY, @$, .word = "not", .word_span = @1, .value = $2); }
    ;
comparison
    : value
    | value relation value                  { $$ = binary(p, $1, $2, $3); }
    | value IN LPAREN value_list RPAREN     { $$ = NODE(AST_IN, @$, .value = $1, .items = $4, CLOSE($5, $3)); }
    | value IN LBRACKET value_list RBRACKET { in_brackets(p, $3, $5); $$ = NODE(AST_IN, @$, .value = $1, .items = $4, CLOSE($5, $3)); }
    | value NOT IN LPAREN value_list RPAREN { $$ = NODE(AST_IN, @$, .value = $1, .items = $5, .flag = true, CLOSE($6, $4)); }
    ;
relation: EQ | NE | LT | LE | GT | GE ;

%%

static TokenKind token_of_symbol(yysymbol_kind_t symbol)
{
    switch ((int)symbol) {
    case YYSYMBOL_YYEOF: return TOKEN_END;
    case YYSYMBOL_NL: return TOKEN_NL;
    case YYSYMBOL_IDENT: return TOKEN_IDENT;
    case YYSYMBOL_NUMBER: return TOKEN_NUMBER;
    case YYSYMBOL_PERCENT: return TOKEN_PERCENT;
    case YYSYMBOL_TEXT: return TOKEN_TEXT;
    case YYSYMBOL_BAD_VALUE: return TOKEN_BAD_VALUE;
    case YYSYMBOL_BAD: return TOKEN_BAD;
    case YYSYMBOL_ARROW: return TOKEN_ARROW;
    case YYSYMBOL_DOTS: return TOKEN_DOTS;
    case YYSYMBOL_DOT: return TOKEN_DOT;
    case YYSYMBOL_COMMA: return TOKEN_COMMA;
    case YYSYMBOL_COLON: return TOKEN_COLON;
    case YYSYMBOL_EQ: return TOKEN_EQ;
    case YYSYMBOL_NE: return TOKEN_NE;
    case YYSYMBOL_LT: return TOKEN_LT;
    case YYSYMBOL_LE: return TOKEN_LE;
    case YYSYMBOL_GT: return TOKEN_GT;
    case YYSYMBOL_GE: return TOKEN_GE;
    case YYSYMBOL_PLUS: return TOKEN_PLUS;
    case YYSYMBOL_MINUS: return TOKEN_MINUS;
    case YYSYMBOL_STAR: return TOKEN_STAR;
    case YYSYMBOL_SLASH: return TOKEN_SLASH;
    case YYSYMBOL_LPAREN: return TOKEN_LPAREN;
    case YYSYMBOL_RPAREN: return TOKEN_RPAREN;
    case YYSYMBOL_LBRACKET: return TOKEN_LBRACKET;
    case YYSYMBOL_RBRACKET: return TOKEN_RBRACKET;
    case YYSYMBOL_LBRACE: return TOKEN_LBRACE;
    case YYSYMBOL_RBRACE: return TOKEN_RBRACE;
#define WORD(token, word, class, help) \
    case YYSYMBOL_##token: return TOKEN_##token;
#include "grammar/keywords.def"
#undef WORD
    default: return TOKEN_KIND_COUNT;
    }
}

/* The situation in words is syntax_error.c's business; this only fetches what bison knows. */
static int yyreport_syntax_error(const yypcontext_t *context, Parser *p)
{
    yysymbol_kind_t symbols[YYNTOKENS];
    TokenKind expected[YYNTOKENS];
    int n = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    size_t count = 0;
    for (int i = 0; i < n; i++) {
        TokenKind kind = token_of_symbol(symbols[i]);
        if (kind != TOKEN_KIND_COUNT) expected[count++] = kind;
    }
    /* The state is a private field of bison's; the messages by example hang on it (a test checks that they are found). */
    syntax_error(p, *context->yyssp, expected, count);
    return 0;
}
