package dev.firn.server.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessIdentityTest {
    @Test
    void shouldKnowThisProcess() {
        final ProcessIdentity me = ProcessIdentity.current();
        assertThat(me.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(me.alive()).isTrue();
        assertThat(ProcessIdentity.current()).isEqualTo(me);
    }

    @Test
    void shouldSeeTheEndOfAProcess() throws IOException, InterruptedException {
        final Process process = new ProcessBuilder("cat").start();
        final ProcessIdentity identity = ProcessIdentity.of(process.pid()).orElseThrow();
        assertThat(identity.alive()).isTrue();
        process.destroyForcibly();
        process.waitFor();
        assertThat(identity.alive()).isFalse();
        assertThat(ProcessIdentity.of(process.pid())).isEmpty();
    }

    @Test
    void shouldTellProcessesWithTheSameIdApart() {
        final ProcessIdentity me = ProcessIdentity.current();
        assertThat(new ProcessIdentity(me.pid(), me.startTicks() + 1, me.bootId()).alive())
                .isFalse();
        assertThat(new ProcessIdentity(me.pid(), me.startTicks(), "another boot").alive())
                .isFalse();
    }
}
