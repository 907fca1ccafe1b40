package dev.firn.s3tier.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class AlarmsTest {
    @Test
    void shouldRingInOrderWhatIsDueAlsoWhenTimeWrapsAround() {
        final RandomGenerator random = SystemRandom.seeded(3);
        final Alarms alarms = new Alarms();
        final List<Alarm> rung = new ArrayList<>();
        final Map<Alarm, Long> expected = new HashMap<>();
        final List<Alarm> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            final Alarm[] self = new Alarm[1];
            self[0] = new Alarm(nowNs -> rung.add(self[0]));
            all.add(self[0]);
        }
        long nowNs = Long.MAX_VALUE - 50_000;
        for (int step = 0; step < 20_000; step++) {
            final Alarm alarm = all.get(random.nextInt(all.size()));
            if (random.nextInt(4) == 0) {
                alarms.clear(alarm);
                expected.remove(alarm);
            } else {
                final long atNs = nowNs + random.nextLong(1_000);
                alarms.set(alarm, atNs);
                expected.put(alarm, atNs);
            }
            nowNs += random.nextLong(10);
            rung.clear();
            alarms.ring(nowNs);
            long lastNs = Long.MIN_VALUE;
            for (final Alarm one : rung) {
                final long atNs = expected.remove(one);
                assertThat(atNs - nowNs).as("seed 3, step %d", step).isLessThanOrEqualTo(0);
                assertThat(lastNs == Long.MIN_VALUE || atNs - lastNs >= 0).isTrue();
                assertThat(one.isSet()).isFalse();
                lastNs = atNs;
            }
            assertThat(alarms.count()).isEqualTo(expected.size());
        }
        for (final long atNs : expected.values()) {
            assertThat(atNs - nowNs).isPositive();
        }
    }

    @Test
    void shouldEndATurnWhenAnAlarmSetsItselfAgain() {
        final Alarms alarms = new Alarms();
        final Alarm[] self = new Alarm[1];
        self[0] = new Alarm(nowNs -> alarms.set(self[0], nowNs));
        alarms.set(self[0], 5);
        assertThat(alarms.ring(5)).isEqualTo(1);
        assertThat(self[0].isSet()).isTrue();
    }
}
