<?php
/**
 * Orders for the customers' timelines: noted while the shop works, sent afterwards, tried again until they arrive.
 *
 * @package Parley
 */

defined( 'ABSPATH' ) || exit;

// Seconds before each next try, a day and a half altogether. After the last one it is given up and said so.
const PARLEY_WAITS = array( 60, 300, 1800, 7200, 21600, 86400 );

/**
 * Note that an order is new or has changed.
 *
 * @param int   $order_id The order.
 * @param mixed ...$more  What else the hook tells; the order itself is among it.
 */
function parley_order_changed( $order_id, ...$more ) {
	if ( ! parley_sends_orders() ) {
		return;
	}
	$order = end( $more );
	$order = $order instanceof WC_Order ? $order : wc_get_order( $order_id );
	if ( parley_is_order( $order ) ) {
		parley_note( 'trash' === $order->get_status() ? 'parley_remove_order' : 'parley_send_order', (int) $order_id );
	}
}
add_action( 'woocommerce_new_order', 'parley_order_changed', 20, 2 );
add_action( 'woocommerce_update_order', 'parley_order_changed', 20, 2 );
add_action( 'woocommerce_order_status_changed', 'parley_order_changed', 20, 4 );
add_action( 'woocommerce_untrash_order', 'parley_order_changed', 20, 2 );

/**
 * Note that an order is no longer one.
 *
 * @param int   $order_id The order.
 * @param mixed ...$more  What else the hook tells.
 */
function parley_order_removed( $order_id, ...$more ) {
	$order = end( $more );
	if ( parley_sends_orders() && ( ! $order instanceof WC_Order || parley_is_order( $order ) ) ) {
		parley_note( 'parley_remove_order', (int) $order_id );
	}
}
add_action( 'woocommerce_trash_order', 'parley_order_removed', 20, 1 );
add_action( 'woocommerce_before_delete_order', 'parley_order_removed', 20, 2 );

/**
 * Whether this is an order somebody has placed: an opened checkout is not, nor is a subscription or a refund.
 *
 * @param mixed $order What WooCommerce gave.
 * @return bool
 */
function parley_is_order( $order ) {
	return $order instanceof WC_Order
		&& 'shop_order' === $order->get_type()
		&& ! in_array( $order->get_status(), array( 'checkout-draft', 'auto-draft' ), true );
}

/**
 * Remember something for the end of this request: one checkout changes its order many times.
 *
 * @param string $hook     What to do then.
 * @param int    $order_id With which order.
 */
function parley_note( $hook, $order_id ) {
	global $parley_noted;
	$parley_noted[ $order_id ] = $hook; // The last word counts.
	if ( count( $parley_noted ) >= 50 ) {
		parley_flush(); // An import may be killed before it ends.
	}
}

/**
 * Queue what was noted.
 */
function parley_flush() {
	global $parley_noted;
	$noted        = (array) $parley_noted;
	$parley_noted = array();
	foreach ( $noted as $order_id => $hook ) {
		parley_queue( $hook, $order_id );
	}
}
add_action( 'shutdown', 'parley_flush' );

/**
 * Have it done by Action Scheduler, which comes with WooCommerce, or by WP-Cron.
 *
 * @param string $hook     What to do.
 * @param int    $order_id With which order.
 * @param int    $tried    How often that has failed.
 * @param int    $wait     Seconds to wait at least.
 */
function parley_queue( $hook, $order_id, $tried = 0, $wait = 0 ) {
	$arguments = array( (int) $order_id, (int) $tried );
	if ( function_exists( 'as_schedule_single_action' ) ) {
		as_schedule_single_action( time() + $wait, $hook, $arguments, 'parley' );
	} else {
		wp_schedule_single_event( time() + $wait, $hook, $arguments );
	}
}

/**
 * Send an order as it is now. Run by the queue, never while somebody waits.
 *
 * @param int $order_id The order.
 * @param int $tried    How often that has failed.
 */
function parley_send_order( $order_id, $tried = 0 ) {
	$order = wc_get_order( $order_id );
	if ( parley_is_order( $order ) && 'trash' !== $order->get_status() ) {
		$answer = parley_request( 'POST', parley_order_body( $order ) );
		parley_settle( $answer, 'parley_send_order', $order_id, $tried );
	}
}
add_action( 'parley_send_order', 'parley_send_order', 10, 2 );

/**
 * Remove an order from the timeline, unless it is back. Run by the queue.
 *
 * @param int $order_id The order.
 * @param int $tried    How often that has failed.
 */
function parley_remove_order( $order_id, $tried = 0 ) {
	$order = wc_get_order( $order_id );
	if ( ! $order || 'trash' === $order->get_status() ) {
		$answer = parley_request(
			'DELETE',
			array(
				'kind'      => 'order',
				'reference' => (string) $order_id,
			)
		);
		parley_settle( $answer, 'parley_remove_order', $order_id, $tried );
	}
}
add_action( 'parley_remove_order', 'parley_remove_order', 10, 2 );

/**
 * An order in the words of the Customer-Data API.
 *
 * The reference names it, so sending it again changes nothing; updated_at lets an older state that comes late change nothing.
 *
 * @param WC_Order $order The order.
 * @return array<string, mixed>
 */
function parley_order_body( $order ) {
	$record = array(
		'kind'      => 'order',
		'reference' => (string) $order->get_id(),
		'title'     => 'Order #' . $order->get_order_number(),
		'amount'    => wc_format_decimal( $order->get_total() ), // Text: a float would not be exact.
		'currency'  => $order->get_currency(),
		'status'    => $order->get_status(),
		'url'       => $order->get_edit_order_url(),
	);
	$times  = array(
		'occurred_at' => $order->get_date_created(),
		'updated_at'  => $order->get_date_modified(),
	);
	foreach ( array_filter( $times ) as $name => $time ) {
		$record[ $name ] = gmdate( 'Y-m-d\TH:i:s\Z', $time->getTimestamp() );
	}
	return array(
		'external_id' => (string) $order->get_customer_id(), // "0" is a guest: the hub keeps it as nobody's.
		'records'     => array( $record ),
	);
}

/**
 * Ask the hub. The address is the administrator's, so its port and network are not second-guessed.
 *
 * @param string               $method POST or DELETE.
 * @param array<string, mixed> $body   What to send.
 * @return array|WP_Error
 */
function parley_request( $method, $body ) {
	$settings = parley_settings();
	return wp_remote_request(
		$settings['hub'] . '/v1/chat/ingest/records',
		array(
			'method'      => $method,
			'timeout'     => 15,
			'redirection' => 0, // The key goes to this hub and nowhere else.
			'headers'     => array(
				'Authorization' => 'Bearer ' . parley_secret( 'api_key' ),
				'Content-Type'  => 'application/json',
			),
			'body'        => wp_json_encode( $body ),
		)
	);
}

/**
 * Be done with it, try it again later, or give up; the settings page tells which.
 *
 * @param array|WP_Error $answer   What the hub said.
 * @param string         $hook     What was done.
 * @param int            $order_id With which order.
 * @param int            $tried    How often that had failed before.
 */
function parley_settle( $answer, $hook, $order_id, $tried ) {
	$status = (int) wp_remote_retrieve_response_code( $answer );
	if ( ( $status >= 200 && $status < 300 ) || ( 404 === $status && 'parley_remove_order' === $hook ) ) {
		parley_report( '' );
		return;
	}
	$problem = is_wp_error( $answer ) ? $answer->get_error_message() : parley_refusal( $status, $answer );
	// A wrong order stays wrong. A key or an address can be mended meanwhile.
	$hopeless = in_array( $status, array( 400, 409, 413, 422 ), true );
	if ( ! $hopeless && $tried < count( PARLEY_WAITS ) ) {
		$asked = min( 86400, (int) wp_remote_retrieve_header( $answer, 'retry-after' ) );
		parley_queue( $hook, $order_id, $tried + 1, max( PARLEY_WAITS[ $tried ], $asked ) );
	}
	parley_report( sprintf( '#%d: %s', $order_id, $problem ) );
}

/**
 * Why the hub did not take it, in its own words where it has some.
 *
 * @param int   $status The answer's status.
 * @param array $answer The answer.
 * @return string
 */
function parley_refusal( $status, $answer ) {
	$said = json_decode( wp_remote_retrieve_body( $answer ), true );
	$why  = isset( $said['error']['message'] ) && is_string( $said['error']['message'] ) ? $said['error']['message'] : '';
	return trim( $status . ' ' . substr( $why, 0, 300 ) );
}

/**
 * Keep how the last one went.
 *
 * @param string $problem Empty if it arrived.
 */
function parley_report( $problem ) {
	$report = array(
		'at'      => time(),
		'problem' => sanitize_text_field( $problem ),
	);
	update_option( 'parley_report', $report, false );
	if ( '' !== $problem && function_exists( 'wc_get_logger' ) ) {
		wc_get_logger()->warning( $report['problem'], array( 'source' => 'parley' ) );
	}
}
