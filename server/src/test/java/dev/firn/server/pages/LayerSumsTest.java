package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.manifest.Manifest;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerSumsTest {
    @Test
    void shouldAddUpLayersByKind() {
        final Manifest manifest = new Manifest(
                "main",
                1,
                2,
                3,
                200,
                "",
                0,
                "backup",
                100,
                List.of(),
                List.of(
                        layer(1, LayerKind.DELTA, 1_000),
                        layer(2, LayerKind.IMAGE, 300),
                        layer(3, LayerKind.DELTA, 50)));
        assertThat(LayerSums.of(manifest)).isEqualTo(new LayerSums(2, 1_050, 1, 300));
        assertThat(LayerSums.of(null)).isEqualTo(LayerSums.NONE);
    }

    private static LayerDescription layer(final long number, final LayerKind kind, final long lengthBytes) {
        final long fromLsn = kind == LayerKind.IMAGE ? 200 : 100;
        return new LayerDescription(
                new LayerName(1, number),
                kind,
                new KeyRange(1, 0, 0, 1, 0, number),
                fromLsn,
                200,
                lengthBytes,
                lengthBytes / 2,
                1,
                1,
                0);
    }
}
