package dev.firn.columnar.rebuild;

import java.nio.file.Path;
import java.util.List;

/**
 * The files of a relation, each kind in the order of its blocks.
 *
 * @param dead row versions that nobody sees.
 */
public record RelationFiles(List<Path> visible, List<Path> dead, List<Path> residue) {
    public RelationFiles {
        visible = List.copyOf(visible);
        dead = List.copyOf(dead);
        residue = List.copyOf(residue);
    }
}
