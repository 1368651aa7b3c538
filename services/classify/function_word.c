/* function_word.c - the words that carry the grammar of a sentence, Swedish and English. */
#include "context.h"
#include <string.h>

/* Sorted by byte in the folded alphabet (å E5, ä E4, ö F6); the place is part of the model's
 * features, so a change here needs a new model. */
static const char *const words[] = {
    // clang-format off
    "a", "about", "aldrig", "all", "alla", "allt", "alltid", "allts\xE5", "an", "and", "andra",
    "any", "are", "as", "at", "att", "av", "bara", "be", "because", "been", "beh\xF6ver", "being",
    "blev", "bli", "blir", "blivit", "borde", "bort", "borta", "brukar", "but", "by",
    "b\xE5" "de", "b\xF6r", "b\xF6rja", "b\xF6rjar", "can", "could", "d", "de", "dem", "den",
    "denna", "deras", "dessa", "det", "detta", "did", "dig", "din", "dina", "dit", "ditt", "do",
    "dock", "does", "dom", "down", "du", "d\xE4r", "d\xE4rf\xF6r", "d\xE5", "e", "efter",
    "eftersom", "ej", "eller", "en", "ens", "er", "era", "ert", "ett", "fanns", "fast",
    "fast\xE4n", "fick", "finnas", "finns", "for", "fram", "from", "fr\xE5n", "f\xE5", "f\xE5r",
    "f\xE5tt", "f\xF6r", "gav", "ge", "genom", "ger", "get", "gick", "gjorde", "go", "going",
    "got", "g\xE5", "g\xE5r", "g\xF6r", "g\xF6ra", "ha", "had", "hade", "haft", "han", "hans",
    "har", "has", "have", "he", "hej", "hem", "hemma", "henne", "hennes", "her", "here", "him",
    "his", "hit", "honom", "hos", "how", "hur", "h\xE4r", "h\xE5lla", "h\xE5ller", "i", "ibland",
    "if", "igen", "in", "inga", "ingen", "ingenting", "inget", "innan", "inte", "into", "is",
    "it", "its", "ja", "jag", "jo", "ju", "just", "kan", "kanske", "kom", "komma", "kommer",
    "kring", "kunde", "ligger", "lite", "l\xE5t", "l\xE5ta", "man", "may", "me", "med", "mellan",
    "men", "mer", "mig", "might", "min", "mina", "mitt", "more", "most", "mot", "must", "my",
    "mycket", "m\xE5ste", "ned", "nej", "ner", "ni", "no", "nog", "not", "now", "nu", "n\xE4",
    "n\xE4r", "n\xE5gon", "n\xE5got", "n\xE5gra", "n\xE5n", "n\xE5ra", "n\xE5t", "och",
    "ocks\xE5", "of", "ofta", "om", "on", "only", "or", "oss", "our", "out", "over", "per",
    "p\xE5", "redan", "sa", "sade", "sagt", "samma", "samt", "se", "sedan", "ser", "she",
    "should", "sig", "sin", "sitt", "sitter", "sj\xE4lv", "sj\xE4lva", "ska", "skulle", "sluta",
    "sn\xE4lla", "so", "som", "some", "st\xE5", "st\xE5r", "s\xE4ga", "s\xE4ger", "s\xE5",
    "s\xE5" "dan", "s\xE5" "dana", "s\xE5" "dant", "s\xE5g", "s\xE5n", "s\xE5na", "s\xE5nt", "ta",
    "tack", "tar", "than", "that", "the", "their", "them", "then", "there", "they", "this",
    "till", "tillbaka", "to", "tog", "too", "tror", "tv\xE5", "tycker", "under", "up", "upp",
    "us", "ut", "utan", "va", "vad", "var", "vara", "varf\xF6r", "varit", "varje", "vars", "vart",
    "vem", "vems", "very", "vet", "veta", "vi", "via", "vid", "vilka", "vilken", "vilket", "vill",
    "v\xE4l", "v\xE5r", "v\xE5ra", "v\xE5rt", "was", "we", "were", "what", "when", "where",
    "which", "who", "why", "will", "with", "would", "yes", "you", "your", "\xE4", "\xE4n",
    "\xE4nd\xE5", "\xE4r", "\xE4ven", "\xE5", "\xE5r", "\xE5t", "\xF6ver",
    // clang-format on
};

int function_word(const uint8_t *word, size_t len)
{
    size_t low = 0;
    size_t high = UPP_LEN(words);
    while (low < high) {
        const size_t mid = (low + high) / 2;
        const size_t n = strlen(words[mid]);
        int order = memcmp(words[mid], word, n < len ? n : len);
        if (order == 0)
            order = n < len ? -1 : n > len;
        if (order == 0)
            return (int)mid;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}
