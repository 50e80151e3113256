package io.residua.indexer.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EncoderBudgetTest {
    private final List<String> order = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    @AfterEach
    void everyThreadEnds() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(30_000);
        }
    }

    @Test
    void readyGenerationsBatchWaitsForOneRunOfAReplayAtMost() throws InterruptedException {
        // Given
        EncoderBudget budget = new EncoderBudget(1);
        EncoderBudget.Share ready = budget.share();
        ready.setReady();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        start("building", budget.share(), () -> {
            running.countDown();
            await(goOn);
        });
        await(running);
        for (int i = 0; i < 4; i++) {
            startAndWaitUntilItWaits("building", budget.share());
        }

        // When
        startAndWaitUntilItWaits("ready", ready);
        startAndWaitUntilItWaits("building", budget.share());
        goOn.countDown();
        everyThreadEnds();

        // Then
        assertThat(order).hasSize(7).startsWith("building", "ready");
    }

    @Test
    void generationThatBecomesReadyGoesFirstFromThenOn() throws InterruptedException {
        // Given
        EncoderBudget budget = new EncoderBudget(1);
        EncoderBudget.Share becomesReady = budget.share();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        start("first", budget.share(), () -> {
            running.countDown();
            await(goOn);
        });
        await(running);
        startAndWaitUntilItWaits("building", budget.share());
        startAndWaitUntilItWaits("building", budget.share());

        // When
        becomesReady.setReady();
        startAndWaitUntilItWaits("ready", becomesReady);
        goOn.countDown();
        everyThreadEnds();

        // Then
        assertThat(order).containsExactly("first", "ready", "building", "building");
    }

    @Test
    void noMoreRunThanTheBudgetAllows() throws InterruptedException {
        // Given
        EncoderBudget budget = new EncoderBudget(2);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch two = new CountDownLatch(2);

        // When
        for (int i = 0; i < 6; i++) {
            EncoderBudget.Share share = budget.share();
            if (i % 2 == 0) {
                share.setReady();
            }
            start("run", share, () -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                two.countDown();
                await(two);
                now.decrementAndGet();
            });
        }
        everyThreadEnds();

        // Then
        assertThat(order).hasSize(6);
        assertThat(most.get()).isEqualTo(2);
    }

    @Test
    void runThatFailsGivesItsPlaceBack() {
        // Given
        EncoderBudget.Share share = new EncoderBudget(1).share();

        // When
        assertThatThrownBy(() -> share.run(() -> {
                    throw new IllegalStateException("no memory");
                }))
                .hasMessage("no memory");

        // Then
        share.run(() -> order.add("next"));
        assertThat(order).containsExactly("next");
    }

    @Test
    void waitingRunThatIsInterruptedHoldsNobodyBack() throws InterruptedException {
        // Given
        EncoderBudget budget = new EncoderBudget(1);
        EncoderBudget.Share ready = budget.share();
        ready.setReady();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        start("first", budget.share(), () -> {
            running.countDown();
            await(goOn);
        });
        await(running);
        startAndWaitUntilItWaits("ready", ready);
        startAndWaitUntilItWaits("building", budget.share());

        // When
        threads.get(1).setUncaughtExceptionHandler((thread, e) -> order.add("interrupted"));
        threads.get(1).interrupt();
        threads.get(1).join(30_000);
        goOn.countDown();
        everyThreadEnds();

        // Then
        assertThat(order).containsExactly("first", "interrupted", "building");
    }

    private void startAndWaitUntilItWaits(String name, EncoderBudget.Share share) {
        Thread thread = start(name, share, () -> {});
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (thread.getState() != Thread.State.WAITING) {
            assertThat(System.nanoTime()).as("does not wait").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private Thread start(String name, EncoderBudget.Share share, Runnable run) {
        return start(() -> share.run(() -> {
            order.add(name);
            run.run();
        }));
    }

    private Thread start(Runnable run) {
        Thread thread = new Thread(run);
        threads.add(thread);
        thread.start();
        return thread;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
