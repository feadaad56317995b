/* How likely each line is the journalist's: goldwire.model, by the processor's wide registers where it has them. */

#include "page.h"

#include <math.h>
#include <string.h>

enum { AT_ONCE = 64, LANES = 8, MOST = 1024 };
typedef float Lanes __attribute__((vector_size(4 * LANES), aligned(4)));
static const float furthest = 5;

/* Give the sums of all units of a row: what its columns that are not 0 add, `AT_ONCE` units at a time, which stay in
   registers. Six columns in ten are 0, and what those add is known beforehand. */
static inline __attribute__((always_inline)) void sums_of(const Tables *tables, const float *looks, float *sums) {
  float values[COLUMNS];
  int columns[COLUMNS], some = 0;
  for (int column = 0; column < COLUMNS; column++) {
    const float value = (looks[column] - tables->middle[column]) * tables->scale[column];
    const float above = value > -furthest ? value : -furthest;
    values[column] = (above < furthest ? above : furthest) - tables->zero[column];
  }
  for (int column = 0; column < COLUMNS; column++) {
    columns[some] = column;
    some += looks[column] != 0;
  }
  for (int64_t first = 0; first < tables->units; first += AT_ONCE) {
    Lanes total[AT_ONCE / LANES];
    memcpy(total, tables->at_zero + first, sizeof total);
    for (int each = 0; each < some; each++) {
      const Lanes *weights = (const Lanes *)(tables->hidden + columns[each] * tables->units + first);
      for (int part = 0; part < AT_ONCE / LANES; part++) total[part] += weights[part] * values[columns[each]];
    }
    memcpy(sums + first, total, sizeof total);
  }
}

static inline __attribute__((always_inline)) float answer(const Tables *tables, const float *looks) {
  const int64_t units = tables->units / tables->networks;
  float sums[MOST], total = 0;
  sums_of(tables, looks, sums);
  for (int64_t unit = 0; unit < tables->units; unit++) sums[unit] = (sums[unit] > 0 ? sums[unit] : 0) * tables->out[unit];
  for (int64_t each = 0; each < tables->networks; each++) {
    float logit = tables->out_bias[each];
    for (int64_t unit = each * units; unit < (each + 1) * units; unit++) logit += sums[unit];
    total += 1 / (1 + expf(-logit));
  }
  return total / (float)tables->networks;
}

static float answer_of_any(const Tables *tables, const float *looks) { return answer(tables, looks); }

#if defined(__x86_64__)
#include <cpuid.h>

__attribute__((target("avx2,fma"))) static float answer_of_wide(const Tables *tables, const float *looks) {
  return answer(tables, looks);
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
#define answer_of_wide answer_of_any
static int is_wide(void) { return 0; }
#endif

void network(const Tables *tables, float (*rows)[COLUMNS], int64_t count, float *likely) {
  static int wide = -1; /* asked once: where machines are virtual, asking takes longer than a page */
  if (wide < 0) wide = is_wide();
  for (int64_t row = 0; row < count; row++)
    likely[row] = wide ? answer_of_wide(tables, rows[row]) : answer_of_any(tables, rows[row]);
}
