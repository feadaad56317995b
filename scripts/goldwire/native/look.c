/* What each line of a page looks like, and what its words say it may be: goldwire.lines and goldwire.clues. */

#include "page.h"
#include "words.h"

#include <string.h>

enum { KINDS = 8, STEM = 4 };

/* Hash a word, the line's `count`th; give what rows its stem allows. */
static int64_t word(const Tables *tables, const uint8_t *from, int64_t size, int64_t count, uint64_t *hashes) {
  const uint64_t stem = eight(from, size < STEM ? size : STEM);
  hashes[count] = hashed(from, size);
  int64_t rows = number_of(&tables->any_of, stem);
  if (!count) rows |= number_of(&tables->first_of, stem);
  if (!count && (uint8_t)(*from - '0') < 10) rows |= tables->number_rows;
  return rows;
}

/* Hash the words of a line, and see what rows their stems allow; give how many they are. */
static int64_t words_of(const Tables *tables, const Marks *marks, int64_t start, int64_t end, uint64_t *hashes,
                        int64_t *may) {
  int64_t count = 0, from, to;
  *may = 0;
  for (Walk walk = walk_along(marks, start, end); next_along(&walk, &from, &to); count++)
    *may |= word(tables, marks->small + from, to - from, count, hashes);
  return count;
}

/* Give a line's last byte before closing quotes and brackets; a full stop for signs of three bytes that end. */
static uint8_t last_of(const uint8_t *data, int64_t start, int64_t end) {
  int64_t place = end - 1;
  uint32_t sign = 0;
  for (int turn = 0; turn < 3; turn++) {
    const uint8_t mark = data[place];
    sign = (uint32_t)data[place - 2] << 16 | (uint32_t)data[place - 1] << 8 | mark;
    if (turn == 2) break;
    if (place - 2 > start && (sign == 0xE28099 || sign == 0xE2809D || sign == 0xE3808D || sign == 0xE3808F ||
                              sign == 0xEFBC89))
      place -= 3;
    else if (place > start && (mark == '"' || mark == '\'' || mark == ')' || mark == ']'))
      place--;
  }
  const int stop = sign == 0xE280A6 || sign == 0xE38082 || sign == 0xEFBC81 || sign == 0xEFBC9F;
  return stop && place - 2 >= start ? '.' : data[place];
}

/* Count a line's characters by kind. `data` has two bytes before it. */
typedef struct {
  int64_t of[KINDS], capitals, glued; /* capitals behind what is no letter; behind a small letter or a full stop */
} Counts;

static Counts count(const Tables *tables, const uint8_t *data, int64_t start, int64_t end) {
  Counts counts = {{0}, 0, 0};
  while (start < end) {
    const int64_t until = end - start > 255 ? start + 255 : end;
    uint64_t eight = 0; /* counts in one: adding to memory takes five times as long */
    for (; start < until; start++) {
      const uint64_t one = tables->one_of[data[start]];
      eight += one;
      if (one == 1) {
        counts.capitals += tables->opens[data[start - 1]];
        counts.glued += tables->before_glue[data[start - 1]];
      }
    }
    for (int kind = 0; kind < KINDS; kind++) counts.of[kind] += eight >> 8 * kind & 0xFF;
  }
  return counts;
}

/* Fill a line's looks but for what hangs on other lines. */
static void characters(const Tables *tables, const uint8_t *data, int64_t start, int64_t end, int64_t number,
                       float *looks) {
  const Counts counts = count(tables, data, start, end);
  const float length = (float)(end - start), per_byte = 1 / length, per_word = 1 / (float)(number > 1 ? number : 1);
  looks[WORDS] = log_of(tables, number);
  looks[BYTES] = log_of(tables, end - start);
  looks[WORD_LENGTH] = length * per_word / 10;
  for (int kind = 0; kind < KINDS; kind++) looks[CAPITALS + kind] = (float)counts.of[kind] * per_byte;
  looks[STOPS] = (float)counts.of[STOPS - CAPITALS] * per_word;
  looks[COMMAS] = (float)counts.of[COMMAS - CAPITALS] * per_word;
  looks[TITLE_WORDS] = (float)((double)counts.capitals * per_word);
  looks[GLUED] = (float)(counts.glued < 3 ? counts.glued : 3);
  const uint8_t first = data[start], last = last_of(data, start, end), final = data[end - 1], before = data[end - 2];
  looks[ENDS_SENTENCE] = last == '.' || last == '!' || last == '?';
  looks[ENDS_COLON] = last == ':';
  looks[STARTS_LOWER] = first >= 'a' && first <= 'z';
  looks[STARTS_DIGIT] = first >= '0' && first <= '9';
  looks[STARTS_SIGN] = tables->opens[first];
  looks[ENDS_ELLIPSIS] = (final == '.' && before == '.') || (final == 0xA6 && before == 0x80);
}

/* Tell what else than words says which rows a line may be of; -1 where words are not told apart here. */
static int64_t signs(const Tables *tables, const uint8_t *data, int64_t start, int64_t end, const float *looks,
                     int64_t may) {
  if (looks[DIGITS] > 0) may |= tables->digit_rows;
  if (looks[SIGNS] > 0) may |= tables->sign_rows;
  for (int64_t at = start + 2; at < start + 5 && at < end; at++)
    if (data[at] == '-') may |= tables->hyphen_rows;
  if (looks[BEYOND_ASCII] > 0)
    for (int64_t at = start; at < end; at++)
      if (data[at] >= 0xC2 && tables->unclear[data[at] << 8 | data[at + 1]]) return -1;
  return may;
}

int look(const Tables *tables, const uint8_t *data, int64_t size, Page *page, int64_t *may, uint8_t *said) {
  Marks marks;
  if (make_marks(&marks, size)) return -1;
  for (int64_t at = 0; at < size; at++) marks.small[at] = data[at] + 32 * ((uint8_t)(data[at] - 'A') < 26);
  mark(&marks, size);
  page->count = page->words = 0;
  for (int64_t start = 0, end; start < size; start = end + 1) {
    const uint8_t *found = memchr(data + start, '\n', size - start);
    end = found ? found - data : size;
    if (end == start) continue;
    const int64_t line = page->count++;
    page->start[line] = start, page->end[line] = end, page->bounds[line] = page->words;
    page->number[line] = words_of(tables, &marks, start, end, page->hashes + page->words, may + line);
    page->words += page->number[line];
    characters(tables, data, start, end, page->number[line], page->looks[line]);
    may[line] = signs(tables, data, start, end, page->looks[line], may[line]);
  }
  free_marks(&marks);
  page->bounds[page->count] = page->words;
  for (int64_t line = 0; line < page->count; line++) {
    page->looks[line][LINE_PLACE] = (float)((double)line / (double)page->count);
    page->looks[line][BYTE_PLACE] = (float)((double)page->start[line] / (double)size);
  }
  return page->count ? look_around(tables, data, page, may, said) : 0;
}
