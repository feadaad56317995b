/* How likely each line is the journalist's: goldwire.model, by the processor's wide registers where it has them. */

#include "page.h"
#include "words.h"

#include <math.h>
#include <string.h>

enum { ROWS = 2, AT_ONCE = 32, LANES = 8, MOST = 1024, WORDS_OF_COLUMNS = (COLUMNS + 63) / 64 };
typedef float Lanes __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int32_t Flags __attribute__((vector_size(4 * LANES), aligned(4)));
static const float furthest = 5;

/* Give which columns of rows are not 0: six in ten are, and what those add is known beforehand. */
static inline __attribute__((always_inline)) int columns_of(const float *const *rows, int *columns) {
  uint8_t is_there[WORDS_OF_COLUMNS * 64] = {0};
  for (int column = 0; column < COLUMNS; column++) is_there[column] = (rows[0][column] != 0) | (rows[1][column] != 0);
  int some = 0;
  for (int first = 0; first < WORDS_OF_COLUMNS * 64; first += 64)
    for (uint64_t flags = bits_of(is_there + first); flags; flags &= flags - 1)
      columns[some++] = first + __builtin_ctzll(flags);
  return some;
}

/* Give the sums of all units of neighbouring rows, which have most columns in common: `AT_ONCE` units at a time, which
   stay in registers, as the weights do for all rows. */
static inline __attribute__((always_inline)) void sums_of(const Tables *tables, const float *const *rows,
                                                          float (*sums)[MOST]) {
  float values[ROWS][COLUMNS];
  int columns[COLUMNS];
  for (int row = 0; row < ROWS; row++)
    for (int column = 0; column < COLUMNS; column++) {
      const float value = (rows[row][column] - tables->middle[column]) * tables->scale[column];
      const float above = value > -furthest ? value : -furthest;
      values[row][column] = (above < furthest ? above : furthest) - tables->zero[column];
    }
  const int some = columns_of(rows, columns);
  for (int64_t first = 0; first < tables->units; first += AT_ONCE) {
    Lanes total[ROWS][AT_ONCE / LANES];
    for (int row = 0; row < ROWS; row++) memcpy(total[row], tables->at_zero + first, sizeof total[row]);
    for (int each = 0; each < some; each++) {
      const int column = columns[each];
      const Lanes *weights = (const Lanes *)(tables->hidden + column * tables->units + first);
      for (int row = 0; row < ROWS; row++)
        for (int part = 0; part < AT_ONCE / LANES; part++) total[row][part] += weights[part] * values[row][column];
    }
    for (int row = 0; row < ROWS; row++) memcpy(sums[row] + first, total[row], sizeof total[row]);
  }
}

static inline __attribute__((always_inline)) void answers(const Tables *tables, const float *const *rows,
                                                          float *likely) {
  const int64_t units = tables->units / tables->networks;
  float sums[ROWS][MOST];
  sums_of(tables, rows, sums);
  for (int row = 0; row < ROWS; row++) {
    float total = 0;
    for (int64_t each = 0; each < tables->networks; each++) {
      Lanes added = {0};
      for (int64_t unit = each * units; unit < (each + 1) * units; unit += LANES) {
        const Lanes sum = *(const Lanes *)(sums[row] + unit);
        added += (Lanes)((Flags)sum & (sum > 0)) * *(const Lanes *)(tables->out + unit);
      }
      float logit = tables->out_bias[each];
      for (int lane = 0; lane < LANES; lane++) logit += added[lane];
      total += 1 / (1 + expf(-logit));
    }
    likely[row] = total / (float)tables->networks;
  }
}

static void answers_of_any(const Tables *tables, const float *const *rows, float *likely) {
  answers(tables, rows, likely);
}

#if defined(__x86_64__)
#include <cpuid.h>

__attribute__((target("avx2,fma,bmi"))) static void answers_of_wide(const Tables *tables, const float *const *rows,
                                                                   float *likely) {
  answers(tables, rows, likely);
}

/* Tell whether the processor has AVX2 and FMA, and the system keeps their registers. (Not by __builtin_cpu_supports:
   what zig links in for it says no of every processor.) */
static int is_wide(void) {
  unsigned one, two, three, four;
  if (!__get_cpuid(1, &one, &two, &three, &four) || !(three & bit_FMA) || !(three & bit_OSXSAVE)) return 0;
  __asm__("xgetbv" : "=a"(one), "=d"(four) : "c"(0));
  return (one & 6) == 6 && __get_cpuid_count(7, 0, &one, &two, &three, &four) && (two & bit_AVX2);
}
#else
#define answers_of_wide answers_of_any
static int is_wide(void) { return 0; }
#endif

void network(const Tables *tables, float (*rows)[COLUMNS], int64_t count, float *likely) {
  static int wide = -1; /* asked once: where machines are virtual, asking takes longer than a page */
  if (wide < 0) wide = is_wide();
  for (int64_t row = 0; row < count; row += ROWS) {
    const int64_t next = row + 1 < count ? row + 1 : row;
    const float *both[ROWS] = {rows[row], rows[next]};
    float likely_of[ROWS];
    if (wide) answers_of_wide(tables, both, likely_of);
    else answers_of_any(tables, both, likely_of);
    likely[row] = likely_of[0], likely[next] = likely_of[next - row];
  }
}
