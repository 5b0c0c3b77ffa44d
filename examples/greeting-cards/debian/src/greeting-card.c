/* Print a greeting card. The sentences come from libgreeting. */
#include <greeting.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 100

static void rule(size_t width)
{
    putchar('+');
    for (size_t column = 0; column < width + 4; ++column)
        putchar('-');
    puts("+");
}

static int usage(void)
{
    fputs("usage: greeting-card OCCASION NAME\noccasions:", stderr);
    for (size_t index = 0; greeting_occasion(index) != NULL; ++index)
        fprintf(stderr, " %s", greeting_occasion(index));
    fputc('\n', stderr);
    return 2;
}

int main(int argc, char **argv)
{
    char text[LONGEST];
    if (argc != 3)
        return usage();
    const int length = greeting_write(text, sizeof text, argv[1], argv[2]);
    if (length < 0)
        return usage();
    if (length >= LONGEST) {
        fprintf(stderr, "greeting-card: the name is too long for a card\n");
        return 1;
    }
    rule(strlen(text));
    printf("|  %s  |\n", text);
    rule(strlen(text));
    return 0;
}
