/* Where the words of a text are, by bits: 64 bytes at a time, and no branch for each letter. */

#include "words.h"

#include <stdlib.h>

enum { BEHIND = 128 }; /* bytes, at most, behind a text: up to the next 64 and once more, as hashes read beyond a word */

int make_marks(Marks *marks, int64_t size) {
  const int64_t places = (size >> 6) + 2;
  marks->turns = malloc(places * (2 * sizeof *marks->turns + 64));
  if (!marks->turns) return -1;
  marks->alone = marks->turns + places;
  marks->small = (uint8_t *)(marks->alone + places);
  return 0;
}

void free_marks(Marks *marks) { free(marks->turns); }

/* Mark the letters of several bytes that stand among these 64, where some byte is not ASCII. */
static void mark_beyond(const Marks *marks, int64_t first, uint64_t beyond) {
  const uint8_t *text = marks->small;
  for (; beyond; beyond &= beyond - 1) {
    const int64_t at = first + __builtin_ctzll(beyond);
    const int kind = kind_of(text + at), size = text[at] < 0xE0 ? 2 : text[at] < 0xF0 ? 3 : 4;
    if (text[at] < 0xC0 || !kind) continue;
    if (kind == ALONE) marks->alone[at >> 6] |= (uint64_t)1 << (at & 63);
    else for (int64_t byte = at; byte < at + size; byte++) marks->turns[byte >> 6] |= (uint64_t)1 << (byte & 63);
  }
}

void mark(const Marks *marks, int64_t size) {
  uint8_t letters[64], beyond[64];
  const int64_t places = (size >> 6) + 1;
  memset(marks->small + size, '\n', BEHIND - (size & 63));
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
    if (some >> 7) mark_beyond(marks, 64 * place, bits_of(beyond));
  }
  uint64_t before = 0;
  for (int64_t place = 0; place < places; place++) {
    const uint64_t now = marks->turns[place];
    marks->turns[place] = now ^ (now << 1 | before);
    before = now >> 63;
  }
}
