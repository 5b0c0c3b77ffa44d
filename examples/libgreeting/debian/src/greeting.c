#include "greeting.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *occasion;
    const char *sentence;
} sentences[] = {
    {"birthday", "Happy birthday, %s! May the year be kind to you."},
    {"journey", "Travel well, %s, and come home with stories."},
    {"moving", "A warm welcome to your new home, %s!"},
    {"thanks", "Thank you, %s. You made a difference."},
};

const char *greeting_occasion(size_t index)
{
    return index < sizeof sentences / sizeof sentences[0] ? sentences[index].occasion : NULL;
}

int greeting_write(char *text, size_t size, const char *occasion, const char *name)
{
    for (size_t index = 0; index < sizeof sentences / sizeof sentences[0]; ++index)
        if (strcmp(sentences[index].occasion, occasion) == 0)
            return snprintf(text, size, sentences[index].sentence, name);
    return -1;
}
