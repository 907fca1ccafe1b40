package dev.firn.tuning.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class OriginalsCodecTest {
    private static Originals originals() {
        final Originals originals = new Originals();
        originals.setProfile("shared-vm");
        originals.record(new Original(Original.Kind.VALUE, "/proc/sys/vm/swappiness", Optional.of("60")));
        originals.record(new Original(Original.Kind.VALUE, "/proc/sys/empty", Optional.of("")));
        originals.record(new Original(Original.Kind.DIRECTORY, "/etc/udev", Optional.empty()));
        originals.record(
                new Original(Original.Kind.FILE, "/etc/odd\tname", Optional.of("a\\b\tc\r\n# end\t1\tdeadbeef\n=-\n")));
        return originals;
    }

    @Test
    void shouldComeBackUnchangedWhenWrittenAndRead() throws OriginalsCodec.DamagedException {
        final Originals read = OriginalsCodec.decode(OriginalsCodec.encode(originals(), "2026-11-21T08:00:00Z"));

        assertThat(read.all()).isEqualTo(originals().all());
        assertThat(read.profile()).isEqualTo("shared-vm");
    }

    @Test
    void shouldRefuseEveryPrefix() {
        final String whole = OriginalsCodec.encode(originals(), "2026-11-21T08:00:00Z");

        for (int length = 0; length < whole.length(); length++) {
            final String torn = whole.substring(0, length);
            assertThatThrownBy(() -> OriginalsCodec.decode(torn))
                    .as("prefix of %d", length)
                    .isInstanceOf(OriginalsCodec.DamagedException.class);
        }
    }

    @Test
    void shouldRefuseEveryChangedCharacter() {
        final String whole = OriginalsCodec.encode(originals(), "2026-11-21T08:00:00Z");

        for (int index = 0; index < whole.length(); index++) {
            final StringBuilder changed = new StringBuilder(whole);
            changed.setCharAt(index, whole.charAt(index) == 'x' ? 'y' : 'x');
            assertThatThrownBy(() -> OriginalsCodec.decode(changed.toString()))
                    .as("character %d", index)
                    .isInstanceOf(OriginalsCodec.DamagedException.class);
        }
    }

    @Test
    void shouldKeepTheFirstRecordingOfAPlace() {
        final Originals originals = originals();

        final boolean news =
                originals.record(new Original(Original.Kind.VALUE, "/proc/sys/vm/swappiness", Optional.of("1")));

        assertThat(news).isFalse();
        assertThat(originals.valueOf("/proc/sys/vm/swappiness")).contains("60");
    }
}
