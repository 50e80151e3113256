package io.residua.benchmarks.datapath;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residua.common.event.ModelPublished;
import io.residua.common.topic.TopicsConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How long look-ups of items and codes take at a constant rate while items stream in, on an installation that it starts and
 * stops; beside requests to the same server that look nothing up.
 */
@Command(
        name = "lookups",
        description = "Measures look-ups by item and by code beside a running stream.",
        mixinStandardHelpOptions = true)
public final class LookupsBenchmark implements Callable<Integer> {
    @Option(names = "--rate", defaultValue = "1000", description = "Look-ups per second (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(names = "--seconds", defaultValue = "20", description = "For how long (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "30",
            paramLabel = "SECONDS",
            description = "Unmeasured look-ups beforehand, for the server's compiler (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(
            names = "--stream",
            defaultValue = "200",
            description = "Items per second that are sent meanwhile (default: ${DEFAULT-VALUE}).")
    private int stream;

    @Option(names = "--data", paramLabel = "DIR", description = "A data folder to keep (default: a temporary one).")
    private Path data;

    @Option(names = "--sample", paramLabel = "DIR", description = "The sample (default: samples/wordnet-nouns).")
    private Path sample =
            Path.of(System.getProperty("residua.home", "")).resolve("samples").resolve("wordnet-nouns");

    @Spec
    private CommandSpec spec;

    private final PrintStream out = new PrintStream(System.out, true, UTF_8);
    private final HttpClient http = HttpClient.newHttpClient();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rate < 1 || seconds < 1 || warmUp < 1 || stream < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--rate is " + rate + ", --seconds " + seconds + ", --warm-up " + warmUp + " and --stream " + stream
                            + ", expected at least 1");
        }
        TopicsConfig topics = new SmallRyeConfigBuilder()
                .addDefaultSources()
                .withMapping(TopicsConfig.class)
                .build()
                .getConfigMapping(TopicsConfig.class);
        SampleRows rows = SampleRows.read(sample.resolve("embeddings.f16.npy"), 0);
        try (OwnInstallation own = OwnInstallation.on(data, out)) {
            own.start();
            Models models = new Models(own.clients(), topics);
            ModelPublished model = own.sampleModel(models, sample, rows.dim(), out);
            ItemNames names = new ItemNames("lookups-" + System.currentTimeMillis());
            try (ItemFeed feed = new ItemFeed(own.clients(), topics.itemEmbeddings(), names, ItemFeed.Format.RAW)) {
                BackgroundLoad load =
                        new BackgroundLoad(feed, ItemMode.DISTINCT.vectors(rows, Integer.MAX_VALUE, 1), stream);
                try (load) {
                    measure(own.indexer(), model.modelVersion());
                    out.printf(Locale.ROOT, "items sent meanwhile: %,d%n", load.sent());
                }
            }
        }
        return 0;
    }

    private void measure(URI indexer, String version) throws IOException, InterruptedException {
        List<URI> lookups = lookups(indexer, version);
        URI alive = indexer.resolve("/q/health/live");
        Random random = new Random(1);
        OpenLoop unmeasured = new OpenLoop(http, rate, rate * warmUp);
        unmeasured.run(number -> lookups.get(random.nextInt(lookups.size())));
        unmeasured.run(number -> alive);
        OpenLoop loop = new OpenLoop(http, rate, rate * seconds);
        Quantiles limit = new Quantiles(loop.run(number -> alive));
        Quantiles found = new Quantiles(loop.run(number -> lookups.get(random.nextInt(lookups.size()))));
        out.printf(Locale.ROOT, "%,d requests/s for %d s, %,d items%n", rate, seconds, lookups.size() / 2);
        out.printf(Locale.ROOT, "items and codes                     %s%n", found.words());
        out.printf(Locale.ROOT, "the limit: /q/health/live           %s%n", limit.words());
        out.printf(
                Locale.ROOT,
                "x limit                             p50 %.1f   p99 %.1f%n",
                found.at(0.5) / limit.at(0.5),
                found.at(0.99) / limit.at(0.99));
    }

    /** For each item that has a code, the address of the item and that of its code. */
    private List<URI> lookups(URI indexer, String version) throws IOException, InterruptedException {
        URI generation = indexer.resolve("/generations/" + version + "/");
        HttpRequest index =
                HttpRequest.newBuilder(generation.resolve("index.json")).build();
        JsonNode items = new ObjectMapper()
                .readTree(http.send(index, BodyHandlers.ofString()).body());
        List<URI> lookups = new ArrayList<>();
        items.properties().forEach(item -> {
            String id = URLEncoder.encode(item.getKey(), UTF_8).replace("+", "%20");
            List<String> entries = new ArrayList<>();
            item.getValue().forEach(token -> entries.add(token.asText().replaceAll("\\D", "")));
            lookups.add(generation.resolve("items/" + id));
            lookups.add(generation.resolve("codes/" + String.join("_", entries)));
        });
        return lookups;
    }
}
