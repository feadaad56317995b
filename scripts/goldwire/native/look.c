/* What each line of a page looks like, and what its words say it may be: goldwire.lines and goldwire.clues. */

#include "page.h"
#include "words.h"

#include <stdlib.h>
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

/* A page in small letters, and by bits, one a byte of it: where a word begins or ends, but for ideographs and kana, which
   are words by themselves, and where those are. Behind the page there are line ends. */
typedef struct {
  uint8_t *small;
  uint64_t *turns, *alone;
} Marks;

static int is_any(const uint64_t *bits, int64_t start, int64_t end) {
  uint64_t found = 0;
  for (int64_t place = start >> 6; place <= (end - 1) >> 6; place++) {
    uint64_t some = bits[place];
    if (place == start >> 6) some &= ~(uint64_t)0 << (start & 63);
    if (place == end >> 6) some &= ~(~(uint64_t)0 << (end & 63));
    found |= some;
  }
  return found != 0;
}

/* Mark the letters of several bytes that stand among these 64, where some byte is not ASCII. */
static void mark_beyond(const uint8_t *small, int64_t first, uint64_t beyond, uint64_t *letters, uint64_t *alone) {
  for (; beyond; beyond &= beyond - 1) {
    const int64_t at = first + __builtin_ctzll(beyond);
    const int kind = kind_of(small + at), size = small[at] < 0xE0 ? 2 : small[at] < 0xF0 ? 3 : 4;
    if (small[at] < 0xC0 || !kind) continue;
    if (kind == ALONE) alone[at >> 6] |= (uint64_t)1 << (at & 63);
    else for (int64_t byte = at; byte < at + size; byte++) letters[byte >> 6] |= (uint64_t)1 << (byte & 63);
  }
}

static void mark(int64_t size, const Marks *marks) {
  uint8_t letters[64], beyond[64];
  const int64_t places = (size >> 6) + 1;
  memset(marks->turns, 0, (places + 1) * sizeof *marks->turns);
  memset(marks->alone, 0, (places + 1) * sizeof *marks->alone);
  for (int64_t place = 0; place < places; place++) {
    const uint8_t *from = marks->small + 64 * place;
    uint8_t some = 0;
    for (int at = 0; at < 64; at++) {
      letters[at] = ((uint8_t)(from[at] - 'a') < 26) | ((uint8_t)(from[at] - '0') < 10);
      beyond[at] = from[at] >> 7;
      some |= from[at];
    }
    marks->turns[place] |= bits_of(letters);
    if (some >> 7) mark_beyond(marks->small, 64 * place, bits_of(beyond), marks->turns, marks->alone);
  }
  uint64_t before = 0;
  for (int64_t place = 0; place < places; place++) {
    const uint64_t now = marks->turns[place];
    marks->turns[place] = now ^ (now << 1 | before);
    before = now >> 63;
  }
}

/* Hash the words of a line, and see what rows their stems allow; give how many they are. */
static int64_t words_of(const Tables *tables, const Marks *marks, int64_t start, int64_t end, uint64_t *hashes,
                        int64_t *may) {
  int64_t count = 0, from = start, to, place = start >> 6, at = start;
  *may = 0;
  if (is_any(marks->alone, start, end)) {
    for (; (at = next_word(marks->small, at, end, &from, &to)) >= 0; count++)
      *may |= word(tables, marks->small + from, to - from, count, hashes);
    return count;
  }
  for (uint64_t turns = marks->turns[place] & ~(uint64_t)0 << (start & 63);; count++) {
    while (!turns) {
      if (++place << 6 >= end) return count;
      turns = marks->turns[place];
    }
    from = place << 6 | __builtin_ctzll(turns), turns &= turns - 1;
    if (from >= end) return count;
    while (!turns) turns = marks->turns[++place];
    to = place << 6 | __builtin_ctzll(turns), turns &= turns - 1;
    *may |= word(tables, marks->small + from, to - from, count, hashes);
  }
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

/* Make room for the marks of a page, in one piece; 0, or -1 without memory. */
static int room_for(Marks *marks, int64_t size) {
  const int64_t places = (size >> 6) + 2;
  marks->turns = malloc(places * (2 * sizeof *marks->turns + 64));
  if (!marks->turns) return -1;
  marks->alone = marks->turns + places;
  marks->small = (uint8_t *)(marks->alone + places);
  return 0;
}

int look(const Tables *tables, const uint8_t *data, int64_t size, Page *page, int64_t *may, uint8_t *said) {
  Marks marks;
  if (room_for(&marks, size)) return -1;
  for (int64_t at = 0; at < size; at++) marks.small[at] = data[at] + 32 * ((uint8_t)(data[at] - 'A') < 26);
  memset(marks.small + size, '\n', 128 - (size & 63)); /* 8 bytes more are read than a word has */
  mark(size, &marks);
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
  free(marks.turns);
  page->bounds[page->count] = page->words;
  for (int64_t line = 0; line < page->count; line++) {
    page->looks[line][LINE_PLACE] = (float)((double)line / (double)page->count);
    page->looks[line][BYTE_PLACE] = (float)((double)page->start[line] / (double)size);
  }
  return page->count ? look_around(tables, data, page, may, said) : 0;
}
