<?php
// As little of WordPress as a functions.php needs. Run with the functions.php and a JSON of what happens:
//   {"user": {"ID", "display_name", "user_email"} | null, "orders": [{"id", "customer", "total", "currency", "status"}]}
// Prints what the footer printed, then what was posted and answered, as JSON.
[, $functions, $happening] = $argv;
$happening = json_decode($happening, true);
$actions = [];
$posted = [];

function add_action($name, $function) { $GLOBALS['actions'][$name][] = $function; }
function do_action($name, ...$arguments) { foreach ($GLOBALS['actions'][$name] as $function) $function(...$arguments); }
function is_user_logged_in() { return $GLOBALS['happening']['user'] !== null; }
function wp_get_current_user() { return (object) $GLOBALS['happening']['user']; }
function wc_get_order($id) { return new Order($GLOBALS['happening']['orders'][$id]); }
function wp_remote_post($url, $arguments) {
    $headers = [];
    foreach ($arguments['headers'] as $name => $value) $headers[] = "$name: $value";
    $context = stream_context_create(['http' => [
        'method' => 'POST', 'header' => $headers, 'content' => $arguments['body'], 'ignore_errors' => true,
    ]]);
    $answer = file_get_contents($url, false, $context);
    $GLOBALS['posted'][] = ['url' => $url, 'body' => $arguments['body'], 'status' => $http_response_header[0], 'answer' => $answer];
    return $answer;
}

class Order {
    public function __construct(private array $row) {}
    public function get_order_number() { return $this->row['reference']; }
    public function get_customer_id() { return (int) $this->row['customer']; }  // WooCommerce has numbers here
    public function get_total() { return $this->row['total']; }                // and text here
    public function get_currency() { return $this->row['currency']; }
    public function get_status() { return $this->row['status']; }
}

foreach ($happening['constants'] ?? [] as $name => $value) define($name, $value);
require $functions;
ob_start();
do_action('wp_footer');
$footer = ob_get_clean();
foreach ($happening['events'] as $order) {
    $happening['orders'][$order['reference']] = $order;
    do_action('woocommerce_order_status_changed', (int) $order['reference']);
}
echo json_encode(['footer' => $footer, 'posted' => $posted]);
