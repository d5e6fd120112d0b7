#include "view/fonts.h"

#include <fontconfig/fontconfig.h>
#include <pthread.h>
#include <stdbool.h>

#include "view/escape.h"

#define NOTO "fonts-noto-core"

/* A font and a letter that it is there for. */
struct font {
    const char *family, *package;
    unsigned letter;
    const char *scripts; /* NULL: as the family says, behind "Noto Sans " */
};

/* In the order in which they are asked for a letter. */
static const struct font fonts[] = {
    {"Noto Sans", NOTO, 'a', "Latin, Greek and Cyrillic"},
    {"Noto Sans Arabic", NOTO, 0x626},
    {"Noto Sans Hebrew", NOTO, 0x5d0},
    {"Noto Sans Devanagari", NOTO, 0x904},
    {"Noto Sans Thai", NOTO, 0xe01},
    {"Noto Sans Ethiopic", NOTO, 0x1200},
    {"Noto Sans Bengali", NOTO, 0x980},
    {"Noto Sans Tamil", NOTO, 0xb83},
    {"Noto Sans Georgian", NOTO, 0x10a0},
    {"Noto Sans Armenian", NOTO, 0x531},
    {"Noto Sans Adlam", NOTO, 0x1e900},
    {"Noto Serif Ahom", NOTO, 0x11700},
    {"Noto Sans Anatolian Hieroglyphs", NOTO, 0x14400},
    {"Noto Sans Avestan", NOTO, 0x10b00},
    {"Noto Sans Balinese", NOTO, 0x1b05},
    {"Noto Sans Bamum", NOTO, 0xa6a0},
    {"Noto Sans Bassa Vah", NOTO, 0x16ad0},
    {"Noto Sans Batak", NOTO, 0x1bc0},
    {"Noto Sans Bhaiksuki", NOTO, 0x11c00},
    {"Noto Sans Brahmi", NOTO, 0x11003},
    {"Noto Sans Buginese", NOTO, 0x1a00},
    {"Noto Sans Buhid", NOTO, 0x1740},
    {"Noto Sans Canadian Aboriginal", NOTO, 0x1401},
    {"Noto Sans Carian", NOTO, 0x102a0},
    {"Noto Sans Caucasian Albanian", NOTO, 0x10530},
    {"Noto Sans Chakma", NOTO, 0x11103},
    {"Noto Sans Cham", NOTO, 0xaa00},
    {"Noto Sans Cherokee", NOTO, 0x13a0},
    {"Noto Sans Coptic", NOTO, 0x3e2},
    {"Noto Sans Cuneiform", NOTO, 0x12000},
    {"Noto Sans Cypriot", NOTO, 0x10800},
    {"Noto Sans Deseret", NOTO, 0x10400},
    {"Noto Serif Dogra", NOTO, 0x11800},
    {"Noto Sans Duployan", NOTO, 0x1bc00},
    {"Noto Sans Egyptian Hieroglyphs", NOTO, 0x13000},
    {"Noto Sans Elbasan", NOTO, 0x10500},
    {"Noto Sans Elymaic", NOTO, 0x10fe0},
    {"Noto Sans Glagolitic", NOTO, 0x2c00},
    {"Noto Sans Gothic", NOTO, 0x10330},
    {"Noto Sans Grantha", NOTO, 0x11305},
    {"Noto Sans Gujarati", NOTO, 0xa85},
    {"Noto Sans Gunjala Gondi", NOTO, 0x11d60},
    {"Noto Sans Gurmukhi", NOTO, 0xa05},
    {"Noto Sans Hanifi Rohingya", NOTO, 0x10d00},
    {"Noto Sans Hanunoo", NOTO, 0x1720},
    {"Noto Sans Hatran", NOTO, 0x108e0},
    {"Noto Serif Hmong Nyiakeng", NOTO, 0x1e100},
    {"Noto Sans Imperial Aramaic", NOTO, 0x10840},
    {"Noto Sans Inscriptional Pahlavi", NOTO, 0x10b60},
    {"Noto Sans Inscriptional Parthian", NOTO, 0x10b40},
    {"Noto Sans Javanese", NOTO, 0xa984},
    {"Noto Sans Kaithi", NOTO, 0x11083},
    {"Noto Sans Kannada", NOTO, 0xc80},
    {"Noto Sans Kayah Li", NOTO, 0xa900},
    {"Noto Sans Kharoshthi", NOTO, 0x10a00},
    {"Noto Sans Khmer", NOTO, 0x1780},
    {"Noto Sans Khojki", NOTO, 0x11200},
    {"Noto Sans Khudawadi", NOTO, 0x112b0},
    {"Noto Sans Lao", NOTO, 0xe81},
    {"Noto Sans Lepcha", NOTO, 0x1c00},
    {"Noto Sans Limbu", NOTO, 0x1900},
    {"Noto Sans Linear A", NOTO, 0x10600},
    {"Noto Sans Linear B", NOTO, 0x10000},
    {"Noto Sans Lisu", NOTO, 0xa4d0},
    {"Noto Sans Lycian", NOTO, 0x10280},
    {"Noto Sans Lydian", NOTO, 0x10920},
    {"Noto Sans Mahajani", NOTO, 0x11150},
    {"Noto Sans Malayalam", NOTO, 0xd04},
    {"Noto Sans Mandaic", NOTO, 0x840},
    {"Noto Sans Manichaean", NOTO, 0x10ac0},
    {"Noto Sans Marchen", NOTO, 0x11c72},
    {"Noto Sans Masaram Gondi", NOTO, 0x11d00},
    {"Noto Sans Medefaidrin", NOTO, 0x16e40},
    {"Noto Sans Meetei Mayek", NOTO, 0xaae0},
    {"Noto Sans Mende Kikakui", NOTO, 0x1e800},
    {"Noto Sans Meroitic", NOTO, 0x109a0},
    {"Noto Sans Miao", NOTO, 0x16f00},
    {"Noto Sans Modi", NOTO, 0x11600},
    {"Noto Sans Mongolian", NOTO, 0x1810},
    {"Noto Sans Mro", NOTO, 0x16a40},
    {"Noto Sans Multani", NOTO, 0x11280},
    {"Noto Sans Myanmar", NOTO, 0x1000},
    {"Noto Sans Nabataean", NOTO, 0x10880},
    {"Noto Sans New Tai Lue", NOTO, 0x1980},
    {"Noto Sans Newa", NOTO, 0x11400},
    {"Noto Sans NKo", NOTO, 0x7c0},
    {"Noto Sans Nushu", NOTO, 0x16fe1},
    {"Noto Sans Ogham", NOTO, 0x1681},
    {"Noto Sans Ol Chiki", NOTO, 0x1c50},
    {"Noto Sans Old Hungarian", NOTO, 0x10c80},
    {"Noto Sans Old Italic", NOTO, 0x10300},
    {"Noto Sans Old North Arabian", NOTO, 0x10a80},
    {"Noto Sans Old Permic", NOTO, 0x10350},
    {"Noto Sans Old Persian", NOTO, 0x103a0},
    {"Noto Sans Old Sogdian", NOTO, 0x10f00},
    {"Noto Sans Old South Arabian", NOTO, 0x10a60},
    {"Noto Sans Old Turkic", NOTO, 0x10c00},
    {"Noto Sans Oriya", NOTO, 0xb05},
    {"Noto Sans Osage", NOTO, 0x104b0},
    {"Noto Sans Osmanya", NOTO, 0x10480},
    {"Noto Sans Pahawh Hmong", NOTO, 0x16b00},
    {"Noto Sans Palmyrene", NOTO, 0x10860},
    {"Noto Sans Pau Cin Hau", NOTO, 0x11ac0},
    {"Noto Sans PhagsPa", NOTO, 0xa840},
    {"Noto Sans Phoenician", NOTO, 0x10900},
    {"Noto Sans Psalter Pahlavi", NOTO, 0x10b80},
    {"Noto Sans Rejang", NOTO, 0xa930},
    {"Noto Sans Runic", NOTO, 0x16a0},
    {"Noto Sans Samaritan", NOTO, 0x800},
    {"Noto Sans Saurashtra", NOTO, 0xa882},
    {"Noto Sans Sharada", NOTO, 0x11183},
    {"Noto Sans Shavian", NOTO, 0x10450},
    {"Noto Sans Siddham", NOTO, 0x11580},
    {"Noto Sans Sinhala", NOTO, 0xd85},
    {"Noto Sans Sogdian", NOTO, 0x10f30},
    {"Noto Sans Sora Sompeng", NOTO, 0x110d0},
    {"Noto Sans Soyombo", NOTO, 0x11a50},
    {"Noto Sans Sundanese", NOTO, 0x1b83},
    {"Noto Sans Syloti Nagri", NOTO, 0xa800},
    {"Noto Sans Syriac", NOTO, 0x710},
    {"Noto Sans Tagalog", NOTO, 0x1700},
    {"Noto Sans Tagbanwa", NOTO, 0x1760},
    {"Noto Sans Tai Le", NOTO, 0x1950},
    {"Noto Sans Tai Tham", NOTO, 0x1a20},
    {"Noto Sans Tai Viet", NOTO, 0xaa80},
    {"Noto Sans Takri", NOTO, 0x11680},
    {"Noto Serif Tangut", NOTO, 0x16fe0},
    {"Noto Sans Telugu", NOTO, 0xc05},
    {"Noto Sans Thaana", NOTO, 0x780},
    {"Noto Serif Tibetan", NOTO, 0xf00},
    {"Noto Sans Tifinagh", NOTO, 0x2d30},
    {"Noto Sans Tirhuta", NOTO, 0x11480},
    {"Noto Sans Ugaritic", NOTO, 0x10380},
    {"Noto Sans Vai", NOTO, 0xa500},
    {"Noto Sans Wancho", NOTO, 0x1e2c0},
    {"Noto Sans Warang Citi", NOTO, 0x118a0},
    {"Noto Serif Yezidi", NOTO, 0x10e80},
    {"Noto Sans Yi", NOTO, 0xa000},
    {"Noto Sans Zanabazar Square", NOTO, 0x11a00},
    {"WenQuanYi Micro Hei", "fonts-wqy-microhei", 0x4e00, "Chinese, Japanese and Korean"},
    {"Noto Sans Symbols", NOTO, 0x2695, "signs"},
    {"Noto Sans Symbols2", NOTO, 0x1f39f, "symbols"},
    {"Noto Sans Math", NOTO, 0x2211, "mathematics"},
    {"Noto Music", NOTO, 0x1d11e, "musical notation"},
    {"DejaVu Sans", "fonts-dejavu-core", 0x2190, "arrows and signs"},
    {"Symbola", "fonts-symbola", 0x1f389, "emoji"},
    {"HanaMinA", "fonts-hanazono", 0x3400, "rare Chinese characters"},
    {"HanaMinB", "fonts-hanazono", 0x2a700, "very rare ones"},
    {"Unifont", "fonts-unifont", 0x860, "rare letters"},
    {"Unifont Upper", "fonts-unifont", 0x1f973, "newer emoji and rare scripts"},
};
enum { FONTS = sizeof fonts / sizeof *fonts, NAMED_MOST = 8 };

/* Asked before all others for the texts of a face. */
static const struct {
    const char *face, *first[2];
} faces[] = {
    {"sans-serif", {NULL}},
    {"serif", {"Noto Serif"}},
    {"monospace", {"DejaVu Sans Mono"}},
    {"emoji", {"Symbola", "Unifont Upper"}}, /* pango asks for this one */
};
enum { FACES = sizeof faces / sizeof *faces };

/* --- The choice ------------------------------------------------------------------------------ */

static void add_list(struct buffer *xml, const char *element, FcStrList *list)
{
    const FcChar8 *path;
    while (list && (path = FcStrListNext(list))) {
        buffer_printf(xml, "<%s>", element);
        escape_html(xml, (const char *)path, strlen((const char *)path));
        buffer_printf(xml, "</%s>", element);
    }
    if (list)
        FcStrListDone(list);
}

static void add_accepted(struct buffer *xml, const char *family)
{
    buffer_printf(xml,
                  "<acceptfont><pattern><patelt name=\"family\"><string>%s</string></patelt>"
                  "</pattern></acceptfont>",
                  family);
}

static void add_face(struct buffer *xml, size_t face)
{
    buffer_printf(xml,
                  "<match target=\"pattern\"><test name=\"family\"><string>%s</string></test>"
                  "<edit name=\"family\" mode=\"assign\" binding=\"strong\">",
                  faces[face].face);
    for (size_t i = 0; i < 2 && faces[face].first[i]; i++)
        buffer_printf(xml, "<string>%s</string>", faces[face].first[i]);
    for (size_t i = 0; i < FONTS; i++)
        buffer_printf(xml, "<string>%s</string>", fonts[i].family);
    buffer_add_text(xml, "</edit></match>");
}

/* The rules: no font but ours, and each face in our order. */
static void add_rules(struct buffer *xml)
{
    static const char all[] = "<rejectfont><pattern><patelt name=\"scalable\"><bool>%s</bool>"
                              "</patelt></pattern></rejectfont>";
    buffer_add_text(xml, "<selectfont>");
    buffer_printf(xml, all, "true");
    buffer_printf(xml, all, "false");
    for (size_t i = 0; i < FACES; i++)
        for (size_t k = 0; k < 2 && faces[i].first[k]; k++)
            add_accepted(xml, faces[i].first[k]);
    for (size_t i = 0; i < FONTS; i++)
        add_accepted(xml, fonts[i].family);
    buffer_add_text(xml, "</selectfont>");
    for (size_t i = 0; i < FACES; i++)
        add_face(xml, i);
}

/* Takes the directories from the system's configuration, and nothing else. */
static FcConfig *make_config(bool has_rules)
{
    FcConfig *system = FcInitLoadConfig(), *config = FcConfigCreate();
    struct buffer xml;
    buffer_init(&xml);
    buffer_add_text(&xml, "<?xml version=\"1.0\"?><fontconfig>");
    add_list(&xml, "dir", FcConfigGetFontDirs(system));
    add_list(&xml, "cachedir", FcConfigGetCacheDirs(system));
    if (has_rules)
        add_rules(&xml);
    buffer_add_text(&xml, "</fontconfig>");
    FcConfigParseAndLoadFromMemory(config, (const FcChar8 *)buffer_text(&xml), FcTrue);
    FcConfigBuildFonts(config);
    FcConfigDestroy(system);
    buffer_finish(&xml);
    return config;
}

static void choose(void)
{
    FcConfig *config = make_config(true);
    const FcFontSet *found = FcConfigGetFonts(config, FcSetSystem);
    if (!found || found->nfont == 0) { /* any font is better than none */
        FcConfigDestroy(config);
        config = make_config(false);
    }
    FcConfigSetCurrent(config);
    FcConfigDestroy(config); /* it is referenced */
}

void fonts_choose(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose);
}

/* --- What is missing ------------------------------------------------------------------------- */

static bool is_there(const struct font *font)
{
    const FcFontSet *found = FcConfigGetFonts(NULL, FcSetSystem);
    for (int i = 0; found && i < found->nfont; i++) {
        FcChar8 *family;
        FcCharSet *letters;
        if (FcPatternGetString(found->fonts[i], FC_FAMILY, 0, &family) == FcResultMatch &&
            strcmp((const char *)family, font->family) == 0 &&
            FcPatternGetCharSet(found->fonts[i], FC_CHARSET, 0, &letters) == FcResultMatch &&
            FcCharSetHasChar(letters, font->letter))
            return true;
    }
    return false;
}

static const char *scripts_of(const struct font *font)
{
    return font->scripts ? font->scripts : strchr(strchr(font->family, ' ') + 1, ' ') + 1;
}

/* Names the scripts of a package that no font draws, from `first` on; the first ones by name. */
static void add_missing(const bool *missing, size_t first, struct buffer *out)
{
    size_t count = 0;
    for (size_t i = first; i < FONTS; i++) {
        if (!missing[i] || strcmp(fonts[i].package, fonts[first].package) != 0)
            continue;
        if (count < NAMED_MOST)
            buffer_printf(out, "%s%s", count > 0 ? ", " : "", scripts_of(&fonts[i]));
        count++;
    }
    if (count > NAMED_MOST)
        buffer_printf(out, " and %zu more", count - NAMED_MOST);
}

void fonts_missing(struct buffer *out)
{
    bool missing[FONTS];
    fonts_choose();
    for (size_t i = 0; i < FONTS; i++)
        missing[i] = !is_there(&fonts[i]);
    for (size_t i = 0; i < FONTS; i++) {
        bool is_told = false;
        for (size_t k = 0; k < i; k++)
            is_told = is_told || (missing[k] && strcmp(fonts[k].package, fonts[i].package) == 0);
        if (!missing[i] || is_told)
            continue;
        buffer_add_text(out, "note: PDF files lack fonts for ");
        add_missing(missing, i, out);
        buffer_printf(out, ": install %s\n", fonts[i].package);
    }
}
