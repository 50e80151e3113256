package io.residua.samples;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.groupingBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.POS;
import net.sf.extjwnl.data.PointerType;
import net.sf.extjwnl.data.Synset;
import net.sf.extjwnl.data.Word;
import net.sf.extjwnl.dictionary.Dictionary;

/**
 * Chooses concrete nouns of WordNet: of every kind first those that occur in its sense-tagged texts, most frequent
 * first, then a seeded draw from the rest. A function of the dictionary and the seed.
 */
final class Nouns {
    /** Lexicographer file of a kind of noun, and how many of it are taken. People are left out, and with them slurs. */
    private static final Map<String, Integer> KINDS = Map.of(
            "noun.animal", 1000,
            "noun.artifact", 1250,
            "noun.body", 250,
            "noun.food", 700,
            "noun.location", 600,
            "noun.object", 350,
            "noun.plant", 600,
            "noun.substance", 250);

    /** Not to everyone's taste, or not to be met unasked. */
    private static final Pattern UNWELCOME = Pattern.compile(
            "\\b(obscen|vulgar|offensive|disparag|derogat|slur|slang|sex|genital|penis|penile|vagina|vulva|anus|anal\\b"
                    + "|rect(um|al)|buttock|scrot|testi[cs]|clitor|mammar|nipple|breasts?\\b|fec(es|al)|excre|urin|semen|sperm"
                    + "|prostitut|brothel|porn|contracepti|tortur|execut|capital punishment|concentration camp|nazi|slave"
                    + "|suicid|heroin|cocaine|marijuana|cannabis|nerve (gas|agent)|corpse|cadaver|aborti|f[eo]etus"
                    + "|uter(us|ine)|womb|menstru|narcotic|opium|weapon|firearm|ammunition|bomb(s|er)?\\b|dead (body|bodies|room)"
                    + "|jews?\\b|ghetto|prison camp|negro|eskimo|gypsy|squaw|indian reserv|boob|idiot|fag\\b)",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern RANK = Pattern.compile(
            "(genus|family|order|class|phylum|division|tribe|(sub|super)(family|order|class|phylum)) \\p{Lu}.*");

    /** Definitions of taxa, the scaffolding of animals and plants rather than animals and plants. */
    private static final Pattern TAXON = Pattern.compile(
            "^(?:\\S+ ){0,6}?(genus|genera|famil(y|ies)|suborder|order|superfamily|subfamily|class|subclass|phylum"
                    + "|kingdom|tribe|division|taxonomic)\\b");

    private Nouns() {}

    /** The chosen nouns in an order drawn from {@code seed}, so that any part of the list is a fair sample of it. */
    static List<Item> choose(Dictionary dictionary, long seed) throws JWNLException {
        Map<String, List<Synset>> byKind = candidates(dictionary).stream().collect(groupingBy(Synset::getLexFileName));
        Random random = new Random(seed);
        List<Item> chosen = new ArrayList<>();
        KINDS.keySet().stream().sorted().forEach(kind -> {
            List<Synset> nouns = byKind.get(kind);
            Collections.shuffle(nouns, random);
            nouns.sort(comparing(Nouns::frequency).reversed());
            nouns.stream().limit(KINDS.get(kind)).map(Nouns::toItem).forEach(chosen::add);
        });
        Collections.shuffle(chosen, random);
        return chosen;
    }

    /** Welcome nouns of the wanted kinds, no two with one text, by offset. */
    private static List<Synset> candidates(Dictionary dictionary) throws JWNLException {
        List<Synset> candidates = new ArrayList<>();
        Set<String> texts = new HashSet<>();
        for (Iterator<Synset> all = dictionary.getSynsetIterator(POS.NOUN); all.hasNext(); ) {
            Synset noun = all.next();
            if (KINDS.containsKey(noun.getLexFileName()) && isWelcome(noun) && texts.add(text(noun))) {
                candidates.add(noun);
            }
        }
        candidates.sort(comparing(Synset::getOffset));
        return candidates;
    }

    private static boolean isWelcome(Synset noun) {
        boolean usageMarked = noun.getPointers().stream().anyMatch(pointer -> pointer.getType() == PointerType.USAGE);
        boolean taxon = Character.isUpperCase(title(noun).charAt(0))
                && TAXON.matcher(definition(noun)).find();
        boolean rank = noun.getWords().stream()
                .anyMatch(word -> RANK.matcher(lemma(word)).matches());
        return !usageMarked && !taxon && !rank && !UNWELCOME.matcher(text(noun)).find();
    }

    private static int frequency(Synset noun) {
        return noun.getWords().stream().mapToInt(Word::getUseCount).sum();
    }

    private static Item toItem(Synset noun) {
        String id = String.format(Locale.ROOT, "wn31-%08d-n", noun.getOffset());
        return new Item(id, title(noun), text(noun));
    }

    private static String title(Synset noun) {
        return lemma(noun.getWords().get(0));
    }

    private static String text(Synset noun) {
        List<String> lemmas = noun.getWords().stream().map(Nouns::lemma).toList();
        return String.join(", ", lemmas) + ": " + definition(noun);
    }

    private static String lemma(Word word) {
        return word.getLemma().replace('_', ' ');
    }

    /** The gloss up to its first example sentence. */
    private static String definition(Synset noun) {
        String gloss = noun.getGloss().strip();
        int example = gloss.indexOf("; \"");
        return example < 0 ? gloss : gloss.substring(0, example);
    }
}
