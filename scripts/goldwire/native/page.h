/* Pages of text, line by line: what goldwire.lines, context, clues, model and pages do by array operations.

   Those are the definition, and what the network is trained with; here a page takes an eighth of their time. A test
   holds both to the same bits (but for the network's last ones, which hang on the processor). */

#ifndef GOLDWIRE_PAGE_H
#define GOLDWIRE_PAGE_H

#include <stdint.h>

/* Columns of goldwire.lines.BASE. */
enum {
  WORDS, BYTES, WORD_LENGTH, CAPITALS, DIGITS, STOPS, COMMAS, BEYOND_ASCII, QUOTES, SIGNS, COLONS, TITLE_WORDS,
  ENDS_SENTENCE, ENDS_COLON, STARTS_LOWER, STARTS_DIGIT, STARTS_SIGN, IN_TITLE, IN_CORE, REPEATS, IS_TITLE,
  ENDS_ELLIPSIS, GLUED, LINE_PLACE, BYTE_PLACE, CLASSES
};
enum { CLASS_COUNT = 10, BASE = CLASSES + CLASS_COUNT, COLUMNS = 196 };

/* goldwire.lookup.Lookup, and a bit for each place that has a key: few words have one, and all bits stay at hand. */
typedef struct {
  uint64_t step;
  const uint8_t *known;
  const uint16_t *rows;
  const uint64_t *keys;
  const int64_t *numbers;
} Lookup;

/* What the Python modules define and hand over: tables, and the network that goldwire.model describes. */
typedef struct {
  Lookup classes, any_of, first_of; /* of words by their hashes; of rows by stems */
  int64_t number_rows, digit_rows, sign_rows, hyphen_rows;
  const uint64_t *one_of; /* a character's kind, as one in that of eight bytes; 1 of a capital */
  const uint8_t *opens, *before_glue, *unclear;
  const float *logs; /* log1p of 0, 1, ... */
  int64_t logs_size;
  const float *middle, *scale, *hidden, *out, *out_bias;
  const float *zero, *at_zero; /* columns that are 0, standardised; each unit's sum where all are 0 */
  int64_t units, networks;
} Tables;

typedef struct {
  int64_t count, words, first_words; /* lines; words of all, and of the first line */
  int64_t *start, *end, *number;     /* bytes; words */
  int64_t *bounds;                   /* count + 1: which words are whose */
  uint64_t *hashes, *bits;           /* of words; of each line, a bit for each of 64 kinds of them */
  float (*looks)[BASE];
} Page;

/* The limits that goldwire.kept gives and explains. */
typedef struct {
  double likely, of_best, between, small;
  int64_t gap, fewest;
} Limits;

static inline float log_of(const Tables *tables, int64_t value) {
  extern double log1p(double);
  return value < tables->logs_size ? tables->logs[value] : (float)log1p((double)value);
}

static inline int64_t number_of(const Lookup *lookup, uint64_t key) {
  const uint64_t place = key * lookup->step >> 48;
  if (!(lookup->known[place >> 3] >> (place & 7) & 1)) return 0;
  const uint16_t row = lookup->rows[place];
  return lookup->keys[row] == key ? lookup->numbers[row] : 0;
}

/* Find a page's lines and words, and what each line may be and looks like; -1 where there is no memory. */
int look(const Tables *tables, const uint8_t *data, int64_t size, Page *page, int64_t *may, uint8_t *said);

/* Add what hangs on the page's other lines, and tell whose words are said twice; -1 without memory. */
int look_around(const Tables *tables, const uint8_t *data, Page *page, const int64_t *may, uint8_t *said);

/* Describe each line by what stands around it, and give how likely it is the journalist's; -1 without memory. */
int judge(const Tables *tables, const Page *page, float *likely);

/* Choose a page's lines that are body, by how likely they are and their words. */
void keep(const Limits *limits, const float *likely, const int64_t *words, int64_t count, uint8_t *kept);

/* How likely rows of COLUMNS numbers are the journalist's. */
void network(const Tables *tables, float (*rows)[COLUMNS], int64_t count, float *likely);

#endif
