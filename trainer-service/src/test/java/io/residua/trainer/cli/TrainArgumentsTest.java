package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.trainer.model.LearningRate;
import io.residua.trainer.model.OptimizerType;
import io.residua.trainer.run.TrainingOptions;
import io.residua.trainer.run.TrainingOptions.KMeansMode;
import io.residua.trainer.run.TrainingOptions.SelectionMetric;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainArgumentsTest {
    @Test
    void defaultsAreTheReferences() {
        // When
        TrainingOptions options = options();

        // Then
        assertThat(options.optimisation().learningRate()).isEqualTo(1e-3);
        assertThat(options.optimisation().epochs()).isEqualTo(5000);
        assertThat(options.optimisation().batchSize()).isEqualTo(2048);
        assertThat(options.optimisation().warmupEpochs()).isEqualTo(50);
        assertThat(options.optimisation().weightDecay()).isZero();
        assertThat(options.optimisation().schedule()).isEqualTo(LearningRate.Kind.CONSTANT);
        assertThat(options.selection().evalStep()).isEqualTo(50);
        assertThat(options.network().layers()).containsExactly(2048, 1024, 512, 256, 128, 64);
        assertThat(options.network().codebookSizes()).containsExactly(256, 256, 256);
        assertThat(options.network().eDim()).isEqualTo(32);
        assertThat(options.network().batchNorm()).isFalse();
        assertThat(options.loss().beta()).isEqualTo(0.25);
        assertThat(options.loss().sinkhornEpsilons()).containsExactly(0.0, 0.0, 0.0);
        assertThat(options.recipe().kmeans()).isEqualTo(KMeansMode.LARGE);
        assertThat(options.seed()).isEqualTo(2024);
    }

    @Test
    void parityDoesWhatTheReferenceDoes() {
        // When
        TrainingOptions options = options("--parity");

        // Then
        assertThat(options.recipe()).isEqualTo(TrainingOptions.Recipe.reference(KMeansMode.LARGE, 100));
        assertThat(options.loss().commitEveryLevel()).isFalse();
        assertThat(options.selection().publish()).isEqualTo(SelectionMetric.COLLISION);
        assertThat(options.optimisation().warmupEpochs()).isEqualTo(50);
    }

    @Test
    void shortRunIsNotLeftInItsWarmUp() {
        // When / Then
        assertThat(options("--epochs", "40").optimisation().warmupEpochs()).isEqualTo(4);
        assertThat(options("--epochs", "51").optimisation().warmupEpochs()).isEqualTo(50);
        assertThat(options("--epochs", "40", "--parity").optimisation().warmupEpochs())
                .isEqualTo(50);
    }

    @ParameterizedTest
    @CsvSource({"adam, ADAM", "AdamW, ADAMW", "sgd, SGD", "Adagrad, ADAGRAD", "rmsprop, RMSPROP"})
    void everyLearnerOfTheReferenceIsKnown(String name, OptimizerType expected) {
        // When / Then
        assertThat(options("--learner", name).optimisation().learner()).isEqualTo(expected);
    }

    @Test
    void underscoresAndDashesMeanTheSameAndListsAreSeparatedBySpaces() {
        // When
        TrainingOptions options = options(
                "--num-emb-list",
                "16",
                "8",
                "--sk_epsilons",
                "0.0",
                "0.003",
                "--bn",
                "False",
                "--kmeans-init",
                "false",
                "--lr_scheduler_type",
                "linear",
                "--loss_type",
                "l1");

        // Then
        assertThat(options.network().codebookSizes()).containsExactly(16, 8);
        assertThat(options.loss().sinkhornEpsilons()).containsExactly(0.0, 0.003);
        assertThat(options.network().batchNorm()).isFalse();
        assertThat(options.recipe().kmeans()).isEqualTo(KMeansMode.NONE);
        assertThat(options.optimisation().schedule()).isEqualTo(LearningRate.Kind.LINEAR);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--bn perhaps | no truth value",
                "--no_such 1 | there is no option",
                "--epochs 0 | epochs is 0",
                "--learner lion | --learner",
                "--epochs 30 --warmup_epochs 30 | warmup_epochs is 30",
                "--patience -1 | patience is -1",
                "--save_limit 0 | save_limit is 0",
                "--checkpoint_every 0 | checkpoint_every is",
                "--publish worst | --publish",
                "--dropout_prob 1.5 | dropout_prob is 1.5",
                "--num_emb_list 8 8 --sk_epsilons 0.1 | sk_epsilons has 1 values",
                "--kmeans_mode small --kmeans_init False | kmeans_mode is small",
                "--epochs 5 --ae_epochs 5 | ae_epochs is 5",
                "--lr fast | --lr",
                "--lr Infinity | lr is Infinity",
                "--lr 1e999 | lr is Infinity",
                "--lr NaN | lr is NaN",
                "--weight_decay Infinity | weight_decay Infinity",
                "--quant_loss_weight Infinity | quant_loss_weight is Infinity",
                "--beta Infinity | beta Infinity",
                "--sk_epsilons 0 0 Infinity | sk_epsilons are [0.0, 0.0, Infinity]",
                "--sk_epsilons 0 0 NaN | sk_epsilons are [0.0, 0.0, NaN]",
                "--dropout_prob NaN | dropout_prob is NaN",
                "--codebook_decay Infinity | codebook_decay is Infinity",
                "--checkpoint_every Infinity | checkpoint_every is",
                "--checkpoint_every NaN | checkpoint_every is",
                "--layers 512 -h | -h' asks for help",
                "--layers 512 -V | asks for help",
                "--epochs 7 --help | --help' asks for help",
                "--version | asks for help"
            })
    void whatCannotBeTrainedWithIsSaidInOneLine(String arguments, String expected) {
        // When
        List<String> problems = TrainCommand.problems(List.of(arguments.split(" ", -1)));

        // Then
        assertThat(problems).hasSize(1);
        assertThat(problems.get(0)).contains(expected).doesNotContain("\n");
    }

    private static TrainingOptions options(String... args) {
        List<String> problems = new ArrayList<>();
        TrainCommand command = TrainCommand.parse(List.of(args), problems);
        assertThat(problems).isEmpty();
        return command.arguments.options();
    }
}
