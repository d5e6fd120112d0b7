/*
 * A tool of the build: writes files as one C file that asset.h reads.
 *
 *     embed OUTPUT ROOT... -- FILE...
 *
 * An asset's name is its file's path below the first ROOT that holds it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file {
    char path[PATH_MAX];
    size_t name; /* offset in the path; a pointer would break when files are sorted */
};

static _Noreturn void give_up(const char *path, const char *reason)
{
    fprintf(stderr, "embed: %s: %s\n", path, reason);
    exit(1);
}

static int by_name(const void *a, const void *b)
{
    const struct file *left = a, *right = b;
    return strcmp(left->path + left->name, right->path + right->name);
}

static size_t name_below(const char *root, const char *path)
{
    size_t length = strlen(root);
    return strncmp(path, root, length) == 0 && path[length] == '/' ? length + 1 : 0;
}

static void resolve(char *const *roots, const char *path, struct file *file)
{
    if (!realpath(path, file->path))
        give_up(path, strerror(errno));
    for (file->name = 0; *roots && file->name == 0; roots++) {
        char root[PATH_MAX];
        if (!realpath(*roots, root))
            give_up(*roots, strerror(errno));
        file->name = name_below(root, file->path);
    }
    if (file->name == 0)
        give_up(path, "is below no root");
}

/* Three octal digits end an escape, whatever character follows. */
static void write_byte(FILE *out, int byte)
{
    if (byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\' && byte != '?')
        fputc(byte, out);
    else
        fprintf(out, "\\%03o", (unsigned)byte);
    if (byte == '\n')
        fputs("\"\n\"", out);
}

static void write_bytes(FILE *out, size_t number, const struct file *file)
{
    FILE *in = fopen(file->path, "rb");
    int byte;
    if (!in)
        give_up(file->path, strerror(errno));
    fprintf(out, "static const unsigned char bytes_%zu[] = \"", number);
    while ((byte = getc(in)) != EOF)
        write_byte(out, byte);
    fputs("\";\n", out);
    if (ferror(in))
        give_up(file->path, "cannot be read");
    fclose(in);
}

static void write_table(FILE *out, const struct file *files, size_t count)
{
    fputs("const struct asset asset_all[] = {\n", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "    {\"%s\", bytes_%zu, sizeof bytes_%zu - 1},\n",
                files[i].path + files[i].name, i, i);
    fprintf(out, "    {0},\n};\nconst size_t asset_count = %zu;\n", count);
}

int main(int argc, char **argv)
{
    int end = 2;
    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    if (end >= argc)
        give_up("usage", "embed OUTPUT ROOT... -- FILE...");
    argv[end] = NULL; /* ends the roots */
    char **paths = argv + end + 1;
    size_t count = (size_t)(argc - end - 1);
    struct file *files = calloc(count + 1, sizeof *files);
    FILE *out = fopen(argv[1], "wb");
    if (!files || !out)
        give_up(argv[1], strerror(errno));
    for (size_t i = 0; i < count; i++)
        resolve(argv + 2, paths[i], &files[i]);
    qsort(files, count, sizeof *files, by_name);
    fputs("#include \"view/asset.h\"\n\n", out);
    for (size_t i = 0; i < count; i++)
        write_bytes(out, i, &files[i]);
    write_table(out, files, count);
    if (fclose(out) != 0)
        give_up(argv[1], strerror(errno));
    free(files);
    return 0;
}
