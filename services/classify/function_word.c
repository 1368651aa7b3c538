/* function_word.c - the words that carry the grammar of a sentence, Swedish and English. */
#include "function_word.h"

/* Sorted by byte in the folded alphabet (å E5, ä E4, ö F6); the place is part of the model's
 * features, so a change here needs a new model. */
static const struct {
    const char *text;
    size_t len;
} words[] = {
// clang-format off
#define W(word) { word, sizeof word - 1 },
    W("a") W("about") W("aldrig") W("all") W("alla") W("allt") W("alltid") W("allts\xE5") W("an")
    W("and") W("andra") W("any") W("are") W("as") W("at") W("att") W("av") W("bara") W("be")
    W("because") W("been") W("beh\xF6ver") W("being") W("blev") W("bli") W("blir") W("blivit")
    W("borde") W("bort") W("borta") W("brukar") W("but") W("by") W("b\xE5" "de") W("b\xF6r")
    W("b\xF6rja") W("b\xF6rjar") W("can") W("could") W("d") W("de") W("dem") W("den") W("denna")
    W("deras") W("dessa") W("det") W("detta") W("did") W("dig") W("din") W("dina") W("dit")
    W("ditt") W("do") W("dock") W("does") W("dom") W("down") W("du") W("d\xE4r")
    W("d\xE4rf\xF6r") W("d\xE5") W("e") W("efter") W("eftersom") W("ej") W("eller") W("en")
    W("ens") W("er") W("era") W("ert") W("ett") W("fanns") W("fast") W("fast\xE4n") W("fick")
    W("finnas") W("finns") W("for") W("fram") W("from") W("fr\xE5n") W("f\xE5") W("f\xE5r")
    W("f\xE5tt") W("f\xF6r") W("gav") W("ge") W("genom") W("ger") W("get") W("gick") W("gjorde")
    W("go") W("going") W("got") W("g\xE5") W("g\xE5r") W("g\xF6r") W("g\xF6ra") W("ha") W("had")
    W("hade") W("haft") W("han") W("hans") W("har") W("has") W("have") W("he") W("hej") W("hem")
    W("hemma") W("henne") W("hennes") W("her") W("here") W("him") W("his") W("hit") W("honom")
    W("hos") W("how") W("hur") W("h\xE4r") W("h\xE5lla") W("h\xE5ller") W("i") W("ibland")
    W("if") W("igen") W("in") W("inga") W("ingen") W("ingenting") W("inget") W("innan") W("inte")
    W("into") W("is") W("it") W("its") W("ja") W("jag") W("jo") W("ju") W("just") W("kan")
    W("kanske") W("kom") W("komma") W("kommer") W("kring") W("kunde") W("ligger") W("lite")
    W("l\xE5t") W("l\xE5ta") W("man") W("may") W("me") W("med") W("mellan") W("men") W("mer")
    W("mig") W("might") W("min") W("mina") W("mitt") W("more") W("most") W("mot") W("must")
    W("my") W("mycket") W("m\xE5ste") W("ned") W("nej") W("ner") W("ni") W("no") W("nog")
    W("not") W("now") W("nu") W("n\xE4") W("n\xE4r") W("n\xE5gon") W("n\xE5got") W("n\xE5gra")
    W("n\xE5n") W("n\xE5ra") W("n\xE5t") W("och") W("ocks\xE5") W("of") W("ofta") W("om") W("on")
    W("only") W("or") W("oss") W("our") W("out") W("over") W("per") W("p\xE5") W("redan") W("sa")
    W("sade") W("sagt") W("samma") W("samt") W("se") W("sedan") W("ser") W("she") W("should")
    W("sig") W("sin") W("sitt") W("sitter") W("sj\xE4lv") W("sj\xE4lva") W("ska") W("skulle")
    W("sluta") W("sn\xE4lla") W("so") W("som") W("some") W("st\xE5") W("st\xE5r") W("s\xE4ga")
    W("s\xE4ger") W("s\xE5") W("s\xE5" "dan") W("s\xE5" "dana") W("s\xE5" "dant") W("s\xE5g")
    W("s\xE5n") W("s\xE5na") W("s\xE5nt") W("ta") W("tack") W("tar") W("than") W("that") W("the")
    W("their") W("them") W("then") W("there") W("they") W("this") W("till") W("tillbaka") W("to")
    W("tog") W("too") W("tror") W("tv\xE5") W("tycker") W("under") W("up") W("upp") W("us")
    W("ut") W("utan") W("va") W("vad") W("var") W("vara") W("varf\xF6r") W("varit") W("varje")
    W("vars") W("vart") W("vem") W("vems") W("very") W("vet") W("veta") W("vi") W("via") W("vid")
    W("vilka") W("vilken") W("vilket") W("vill") W("v\xE4l") W("v\xE5r") W("v\xE5ra")
    W("v\xE5rt") W("was") W("we") W("were") W("what") W("when") W("where") W("which") W("who")
    W("why") W("will") W("with") W("would") W("yes") W("you") W("your") W("\xE4") W("\xE4n")
    W("\xE4nd\xE5") W("\xE4r") W("\xE4ven") W("\xE5") W("\xE5r") W("\xE5t") W("\xF6ver")
#undef W
    // clang-format on
};

const char *function_word_at(size_t place, size_t *ret_len)
{
    if (place >= sizeof words / sizeof words[0])
        return NULL;
    *ret_len = words[place].len;
    return words[place].text;
}
