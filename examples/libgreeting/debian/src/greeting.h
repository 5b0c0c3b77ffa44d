/* Sentences for greeting cards. */
#ifndef GREETING_H
#define GREETING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Return the name of the occasion with this index, or NULL after the last one. */
const char *greeting_occasion(size_t index);

/*
 * Write the sentence for an occasion and a person into `text`, a buffer of `size` bytes.
 * Return its length, as snprintf does: a value of `size` or more means that it was cut.
 * Return -1 where the occasion is unknown.
 */
int greeting_write(char *text, size_t size, const char *occasion, const char *name);

#ifdef __cplusplus
}
#endif

#endif
