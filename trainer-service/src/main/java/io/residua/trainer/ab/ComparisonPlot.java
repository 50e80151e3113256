package io.residua.trainer.ab;

import io.residua.trainer.track.Curves;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;
import org.jetbrains.letsPlot.commons.encoding.RGBEncoder;
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon;

/**
 * Draws loss, collision rate and the worst level's utilisation over the epochs, one line per variant, as SVG. Lets-Plot
 * computes text widths by itself: it needs no fonts on the machine, as everything that draws on Java2D does.
 */
final class ComparisonPlot {
    private static final int WIDTH = 1320;
    private static final int HEIGHT = 400;
    /** Told apart by people who see colours differently, too. */
    private static final List<String> COLOURS = List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7");

    private static final Map<String, Object> MARGIN = map("t", 8.0, "r", 16.0, "b", 8.0, "l", 16.0);
    private static final Map<String, Object> LOGARITHMIC = map("trans", "log10");
    private static final Map<String, Object> LINE = map("geom", "line", "size", 1.0);
    private static final Map<String, Object> POINTS = map("geom", "point", "size", 2.0, "show_legend", false);
    private static final Map<String, Object> SHARE = map("format", ".1%");
    private static final Map<String, Object> WHOLE = map("format", ".0%", "limits", list(List.of(0, 1)));

    private static final RGBEncoder NO_IMAGES = (width, height, colours) -> {
        throw new UnsupportedOperationException("there are no images in this plot");
    };

    private ComparisonPlot() {}

    static String svg(Comparison comparison) {
        List<Object> panels = new ArrayList<>();
        panels.add(panel(comparison, "total loss", LOGARITHMIC, Curves::loss, LINE));
        panels.add(panel(comparison, "collision rate", SHARE, Curves::collisionRate, LINE, POINTS));
        panels.add(
                panel(comparison, "share of entries used, worst level", WHOLE, Curves::worstUtilisation, LINE, POINTS));
        Map<String, Object> grid = map("name", "grid", "ncol", panels.size(), "nrow", 1);
        Map<String, Object> size = map("width", WIDTH, "height", HEIGHT);
        Map<String, Object> figure = map("kind", "subplots", "layout", grid, "ggsize", size, "figures", panels);
        return PlotSvgExportCommon.INSTANCE.buildSvgImageFromRawSpecs(figure, null, NO_IMAGES, false);
    }

    private static Map<String, Object> panel(
            Comparison comparison,
            String title,
            Map<String, Object> valueScale,
            Function<Curves, SortedMap<Integer, Double>> figures,
            Object... layers) {
        Map<String, Object> x = map("aesthetic", "x", "name", "epoch", "limits", list(List.of(0, epochs(comparison))));
        Map<String, Object> y = map("aesthetic", "y", "name", title);
        y.putAll(valueScale);
        Map<String, Object> colour = map("aesthetic", "color", "name", comparison.difference(), "discrete", true);
        colour.put("values", list(COLOURS));
        colour.put(
                "limits", list(comparison.variants().stream().map(Variant::name).toList()));
        return map(
                "kind", "plot",
                "data", data(comparison, figures),
                "mapping", map("x", "epoch", "y", "value", "color", "variant"),
                "theme", map("name", "minimal", "legend_position", "top", "plot_margin", MARGIN),
                "scales", list(List.of(x, y, colour)),
                "layers", list(List.of(layers)));
    }

    /** One row per figure. A figure that is no number, as of a run that diverged, cannot be drawn. */
    private static Map<String, Object> data(
            Comparison comparison, Function<Curves, SortedMap<Integer, Double>> figures) {
        List<Object> epochs = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        List<Object> variants = new ArrayList<>();
        for (Variant variant : comparison.variants()) {
            figures.apply(variant.curves()).forEach((epoch, value) -> {
                if (Double.isFinite(value)) {
                    epochs.add(epoch);
                    values.add(value);
                    variants.add(variant.name());
                }
            });
        }
        return map("epoch", epochs, "value", values, "variant", variants);
    }

    private static int epochs(Comparison comparison) {
        return comparison.variants().stream()
                .map(variant -> variant.curves().loss())
                .mapToInt(loss -> loss.isEmpty() ? 1 : loss.lastKey())
                .max()
                .orElse(1);
    }

    /** What the library takes are lists that it may change. */
    private static List<Object> list(List<?> values) {
        return new ArrayList<>(values);
    }

    private static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
