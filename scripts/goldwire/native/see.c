/* The one entry: pages in, and of each of their lines what goldwire.pages needs. */

#include "page.h"
#include "words.h"

#include <stdlib.h>

#ifndef GOLDWIRE_SOURCES
#define GOLDWIRE_SOURCES -1
#endif

/* What the library was built from: see hatch_build.py. */
EXPORT int64_t goldwire_sources(void) { return GOLDWIRE_SOURCES; }

/* Of each line that is not blank: its number (from 1) and the character it starts at, its words, the rows it may be
   of; whether all its words stand on the page twice, and in one longer line; how likely it is the journalist's, and
   whether it is kept. And which lines are of which page. */
typedef struct {
  int64_t *numbers, *starts, *words, *may, *bounds;
  float *likely;
  uint8_t *said, *kept;
} Seen;

static Seen in_rows(int64_t *rows, int64_t room) {
  return (Seen){rows, rows + room, rows + 2 * room, rows + 3 * room, rows + 4 * room, (float *)(rows + 5 * room),
                (uint8_t *)(rows + 6 * room), (uint8_t *)(rows + 7 * room)};
}

static int64_t characters_of(const uint8_t *data, const Page *page, int64_t line) {
  int64_t count = page->end[line] - page->start[line];
  if (page->looks[line][BEYOND_ASCII] > 0)
    for (int64_t at = page->start[line]; at < page->end[line]; at++) count -= (data[at] & 0xC0) == 0x80;
  return count;
}

/* Count line ends and characters up to each line. Between lines that are not blank there are line ends only. */
static void places(const uint8_t *data, const Page *page, int64_t *numbers, int64_t *starts) {
  int64_t ends = 1, characters = 0;
  for (int64_t line = 0; line < page->count; line++) {
    const int64_t between = page->start[line] - (line ? page->end[line - 1] : 0);
    numbers[line] = ends += between, starts[line] = characters += between;
    characters += characters_of(data, page, line);
  }
}

/* Make room for the lines and words of the largest page; 0, or -1 where there is no memory. */
static int64_t room_for(Page *page, const int64_t *sizes, int64_t pages, int64_t lines) {
  int64_t largest = 0;
  for (int64_t number = 0; number < pages; number++) largest = sizes[number] > largest ? sizes[number] : largest;
  page->start = malloc(lines * sizeof *page->start);
  page->end = malloc(lines * sizeof *page->end);
  page->bounds = malloc((lines + 1) * sizeof *page->bounds);
  page->hashes = malloc((largest / 2 + 1) * sizeof *page->hashes); /* a word has two bytes, or one and a blank */
  page->bits = malloc(lines * sizeof *page->bits);
  page->looks = malloc(lines * sizeof *page->looks);
  return page->start && page->end && page->bounds && page->hashes && page->bits && page->looks ? 0 : -1;
}

/* See pages of these sizes in bytes, a line end between them, two before the first and one after the last. `rows` are
   those of `Seen`, of eight bytes, each with room for the lines and the pages. Gives how many lines there are, -1
   where memory does not suffice. */
EXPORT int64_t goldwire_see(const Tables *tables, const Limits *limits, const uint8_t *data, const int64_t *sizes,
                            int64_t pages, int64_t room, int64_t *rows) {
  const Seen seen = in_rows(rows, room);
  Page page = {0};
  int64_t done = room_for(&page, sizes, pages, room);
  seen.bounds[0] = 0;
  for (int64_t number = 0; number < pages && done >= 0; number++) {
    data += 2;
    page.number = seen.words + done;
    if (look(tables, data, sizes[number], &page, seen.may + done, seen.said + done)
        || judge(tables, &page, seen.likely + done)) {
      done = -1;
      break;
    }
    keep(limits, seen.likely + done, page.number, page.count, seen.kept + done);
    places(data, &page, seen.numbers + done, seen.starts + done);
    data += sizes[number] - 1; /* a line end is between two pages, and one more before the first */
    seen.bounds[number + 1] = done += page.count;
  }
  free(page.start), free(page.end), free(page.bounds), free(page.hashes), free(page.bits), free(page.looks);
  return done;
}
