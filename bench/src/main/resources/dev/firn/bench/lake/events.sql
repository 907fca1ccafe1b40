-- Events of visits to a shop: about twenty a visit, between those of others; what a visit or a product has is the same in each of its events.
CREATE TABLE events (
    id bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    tenant integer NOT NULL,
    user_id bigint,
    session_id uuid NOT NULL,
    kind text NOT NULL,
    path text NOT NULL,
    referrer text,
    campaign text,
    country text NOT NULL,
    city text,
    device text NOT NULL,
    os text NOT NULL,
    browser text NOT NULL,
    app_version text NOT NULL,
    language text NOT NULL,
    screen_width integer,
    screen_height integer,
    status smallint NOT NULL,
    duration_ms double precision NOT NULL,
    bytes bigint NOT NULL,
    amount numeric(12, 2),
    currency text,
    is_bot boolean NOT NULL,
    experiment text,
    properties jsonb
);
SELECT setseed(0.20260101);
INSERT INTO events
SELECT 7000000000 + i, timestamptz '2026-01-01 00:00:00+00' + (i * 3.7 + random() * 40) * interval '1 millisecond',
       CASE WHEN h % 10 < 7 THEN 1 ELSE 1 + h % 40 END,
       CASE WHEN h % 3 > 0 THEN 100000 + (exp((h % 100000) / 8000.0::double precision))::bigint END,
       md5('visit ' || s)::uuid, kind,
       CASE kind WHEN 'page_view' THEN '/products/' || product WHEN 'search' THEN '/search' WHEN 'checkout' THEN '/checkout/payment'
                 ELSE '/products/' || product || '/' || kind END,
       CASE WHEN h % 4 = 0 THEN NULL ELSE 'https://' || (ARRAY['www.google.com', 'www.bing.com', 'duckduckgo.com', 'news.ycombinator.com',
            't.co', 'm.facebook.com', 'shop.example.com'])[1 + h % 7] || '/' END,
       CASE WHEN h % 11 = 0 THEN 'winter-sale-2026' WHEN h % 13 = 0 THEN 'newsletter-01' END,
       countries[1 + h % 12], cities[1 + h % 12],
       (ARRAY['desktop', 'mobile', 'tablet'])[1 + h % 3],
       (ARRAY['Windows 11', 'iOS 19.2', 'Android 16', 'macOS 26.1', 'Linux'])[1 + (h >> 4) % 5],
       (ARRAY['Chrome 143.0', 'Safari 19.2', 'Firefox 146.0', 'Edge 143.0'])[1 + (h >> 7) % 4],
       '8.' || (h >> 9) % 3 || '.' || (h >> 11) % 6, languages[1 + h % 12],
       widths[1 + (h >> 5) % 5], heights[1 + (h >> 5) % 5],
       CASE WHEN random() < 0.97 THEN 200 WHEN random() < 0.5 THEN 404 ELSE 500 END,
       round((exp(random() * 4 + random() * 3))::numeric, 3)::double precision,
       (600 + exp(random() * 8))::bigint,
       CASE WHEN kind IN ('add_to_cart', 'checkout') THEN (product % 97 + 1) * 5 - 0.01 END,
       CASE WHEN kind IN ('add_to_cart', 'checkout') THEN currencies[1 + h % 12] END,
       h % 29 = 0, CASE WHEN h % 2 = 0 THEN 'new-checkout/' || (h >> 3) % 2 END,
       CASE kind WHEN 'search' THEN jsonb_build_object('query', (ARRAY['boots', 'winter jacket', 'gloves', 'usb c cable', 'tent 2 person',
                                        'running shoes 43'])[1 + product % 6], 'results', product % 120)
                 WHEN 'page_view' THEN jsonb_build_object('position', product % 24, 'variant', 'v' || product % 4)
                 WHEN 'add_to_cart' THEN jsonb_build_object('sku', 'SKU-' || product, 'quantity', 1 + product % 3) END
FROM (
    SELECT i, s, (hashint4(s)::bigint & 2147483647)::int AS h, (exp(random() * 8.5))::int AS product,
           (ARRAY['page_view', 'page_view', 'page_view', 'page_view', 'scroll', 'scroll', 'click', 'click', 'search', 'add_to_cart',
                  'checkout', 'heartbeat'])[1 + floor(random() * 12)] AS kind
    FROM (SELECT i, (i / 400 * 20 + floor(random() * 20))::int AS s FROM generate_series(1, :rows) i) visits
) steps, (
    SELECT ARRAY['US', 'DE', 'GB', 'FR', 'IN', 'BR', 'JP', 'CA', 'NL', 'ES', 'PL', 'SE'] AS countries,
           ARRAY['New York', 'Berlin', 'London', 'Paris', NULL, 'São Paulo', '東京', 'Toronto', 'Amsterdam', 'Madrid', 'Kraków', 'Malmö'] AS cities,
           ARRAY['en-US', 'de-DE', 'en-GB', 'fr-FR', 'en-IN', 'pt-BR', 'ja-JP', 'en-CA', 'nl-NL', 'es-ES', 'pl-PL', 'sv-SE'] AS languages,
           ARRAY['USD', 'EUR', 'GBP', 'EUR', 'INR', 'BRL', 'JPY', 'CAD', 'EUR', 'EUR', 'PLN', 'SEK'] AS currencies,
           ARRAY[1920, 390, 412, 2560, 1366] AS widths, ARRAY[1080, 844, 915, 1440, 768] AS heights
) lists;
