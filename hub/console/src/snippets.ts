/** The code a merchant copies, with this hub's address and their own ids in it. */

export interface Ids {
  scriptUrl: string; // https://host/widget.js
  appId: string;
  widgetId: string;
}

export const origin = ({ scriptUrl }: Ids): string => new URL(scriptUrl).origin;

/** The stub keeps what a page says before the deferred script has loaded. */
export const html = ({ scriptUrl, appId }: Ids): string => `<script>
  window.SoftbetChat = window.SoftbetChat || function () {
    (SoftbetChat.q = SoftbetChat.q || []).push(arguments);
  };
</script>
<script src="${scriptUrl}"
        data-app-id="${appId}"
        defer></script>`;

export const widgetId = ({ scriptUrl, widgetId: id }: Ids): string => `<script>
  window.PingBackWidgetId = "${id}";
</script>
<script src="${scriptUrl}" async></script>`;

export const wooCommerce = (ids: Ids): string => `// 1) Identify the logged-in customer in the widget
add_action('wp_footer', function () {
  if (!is_user_logged_in()) return;
  $u = wp_get_current_user();
  $hash = hash_hmac('sha256', (string) $u->ID, 'YOUR_IDENTITY_SECRET');
  echo "<script>SoftbetChat('identify', " . json_encode([
    'user_id' => (string) $u->ID, 'user_hash' => $hash,
    'name' => $u->display_name, 'email' => $u->user_email,
  ]) . ");</script>";
});

// 2) Push each order to the customer's activity timeline
add_action('woocommerce_order_status_changed', function ($order_id) {
  $o = wc_get_order($order_id);
  wp_remote_post('${origin(ids)}/v1/chat/ingest/records', [
    'headers' => ['Authorization' => 'Bearer wgk_YOUR_KEY', 'Content-Type' => 'application/json'],
    'body' => json_encode([
      'external_id' => (string) $o->get_customer_id(),
      'records' => [[
        'kind' => 'order', 'reference' => (string) $order_id,
        'title' => 'Order #' . $order_id,
        'amount' => (float) $o->get_total(), 'currency' => $o->get_currency(),
        'status' => $o->get_status(),
      ]],
    ]),
  ]);
});`;

const EXAMPLES = {
  identify: ["identify", `{ "external_id": "42", "name": "Jordan Lee", "email": "jordan@example.com" }`],
  records: [
    "records",
    `{ "external_id": "42", "records": [
    { "kind": "deposit", "reference": "DEP-77", "amount": 50,
      "currency": "USD", "status": "completed" } ] }`,
  ],
  products: [
    "products",
    `{ "products": [
    { "external_id": "sku1", "title": "Pro Plan", "price": 199,
      "currency": "USD", "url": "https://you.example/pro" } ] }`,
  ],
} as const;

export type Example = keyof typeof EXAMPLES;

/** A request that works as it stands, for the key's first scope. */
export function curl(host: string, key: string, example: Example = "records"): string {
  const [path, body] = EXAMPLES[example];
  return `curl ${host}/v1/chat/ingest/${path} \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '${body}'`;
}
