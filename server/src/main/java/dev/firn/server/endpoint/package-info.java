/**
 * What can be asked of a running system over loopback HTTP: {@code /status} (JSON), {@code /metrics} (Prometheus),
 * {@code /healthz}, and {@code /}, a page for people.
 *
 * <p><b>Owner:</b> a few threads of the endpoint's own; everything they read is an immutable snapshot.
 * <b>Invariants:</b> listens on loopback only, answers only requests that name loopback as their host, changes nothing,
 * and shows no secret. A failing endpoint stops no role.
 */
package dev.firn.server.endpoint;
