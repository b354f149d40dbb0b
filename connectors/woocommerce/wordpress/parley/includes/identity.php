<?php
/**
 * Who is logged in, asked by the page's script: page caches can keep pages, but never this answer.
 *
 * @package Parley
 */

defined( 'ABSPATH' ) || exit;

/**
 * Register POST /wp-json/parley/v1/identity. No cache keeps the answer to a POST, even one that keeps everything.
 */
function parley_register_route() {
	register_rest_route(
		'parley/v1',
		'/identity',
		array(
			'methods'             => 'POST',
			'callback'            => 'parley_answer_identity',
			'permission_callback' => 'parley_is_own_page',
		)
	);
}
add_action( 'rest_api_init', 'parley_register_route' );

/**
 * Whether the site's own page is asking. WordPress lets every site read what its REST API answers, cookies included.
 *
 * @param WP_REST_Request $request The question.
 * @return true|WP_Error
 */
function parley_is_own_page( $request ) {
	$fetched = (string) $request->get_header( 'sec_fetch_site' );
	if ( '' !== $fetched ) {
		$own = 'same-origin' === $fetched;
	} else {
		$host   = isset( $_SERVER['HTTP_HOST'] ) ? sanitize_text_field( wp_unslash( $_SERVER['HTTP_HOST'] ) ) : '';
		$origin = parley_host_of( (string) $request->get_header( 'origin' ) );
		$own    = '' !== $origin && in_array( $origin, array( strtolower( $host ), parley_host_of( home_url() ) ), true );
	}
	return $own ? true : new WP_Error( 'parley_foreign_page', 'Only pages of this site may ask.', array( 'status' => 403 ) );
}

/**
 * The host of an address, with its port if it names one.
 *
 * @param string $url An address.
 * @return string
 */
function parley_host_of( $url ) {
	$parts = wp_parse_url( $url );
	if ( ! is_array( $parts ) || empty( $parts['host'] ) ) {
		return '';
	}
	return strtolower( $parts['host'] ) . ( isset( $parts['port'] ) ? ':' . $parts['port'] : '' );
}

/**
 * The signed identity of whoever is logged in; 204 and nothing for everyone else.
 *
 * The login cookie alone says who it is: a nonce would have to be in the page, and pages are cached.
 *
 * @return WP_REST_Response
 */
function parley_answer_identity() {
	$user_id  = (int) wp_validate_auth_cookie( '', 'logged_in' );
	$user     = $user_id ? get_userdata( $user_id ) : false;
	$secret   = parley_secret( 'identity_secret' );
	$response = new WP_REST_Response( null, 204 );
	if ( $user && '' !== $secret ) {
		$asks     = class_exists( 'WooCommerce' ) && ! parley_sends_orders();
		$proof    = $asks ? parley_ticket_for( $user_id, $secret ) : parley_hash_of( $user_id, $secret );
		$response = new WP_REST_Response( null === $proof ? null : $proof + parley_claims_of( $user ), null === $proof ? 503 : 200 );
	}
	$response->header( 'Cache-Control', 'no-store, private' );
	$response->header( 'Vary', 'Cookie' );
	return $response;
}

/**
 * What the chat may show of somebody. It is not signed.
 *
 * @param WP_User $user Who is logged in.
 * @return array<string, string>
 */
function parley_claims_of( $user ) {
	return array(
		'name'  => $user->display_name,
		'email' => $user->user_email,
	);
}

/**
 * The proof for a site whose orders are sent by its own server: the customer of this id.
 *
 * @param int    $user_id Who is logged in.
 * @param string $secret  The workspace's Identity secret.
 * @return array<string, string>
 */
function parley_hash_of( $user_id, $secret ) {
	return array(
		'user_id'   => (string) $user_id,
		'user_hash' => hash_hmac( 'sha256', (string) $user_id, $secret ),
	);
}

/**
 * The proof for a shop that is connected: the customer whom this very shop knows by this id, as a ticket that works once.
 *
 * @param int    $user_id Who is logged in.
 * @param string $secret  The workspace's Identity secret.
 * @return array<string, string>|null Null while the hub cannot be asked: to be somebody else meanwhile would end the chat.
 */
function parley_ticket_for( $user_id, $secret ) {
	$settings = parley_settings();
	$question = array(
		'app_id'  => $settings['app_id'],
		'shop'    => home_url(),
		'user_id' => (string) $user_id,
		'at'      => time(),
	);

	$question['signature'] = hash_hmac( 'sha256', "parley-session|{$question['shop']}|{$question['user_id']}|{$question['at']}", $secret );

	$answer = wp_remote_request(
		$settings['hub'] . '/woocommerce/session',
		array(
			'method'      => 'POST',
			'timeout'     => 5,
			'redirection' => 0,
			'headers'     => array( 'Content-Type' => 'application/json' ),
			'body'        => wp_json_encode( $question ),
		)
	);
	$said   = json_decode( wp_remote_retrieve_body( $answer ), true );
	if ( 404 === (int) wp_remote_retrieve_response_code( $answer ) ) {
		return parley_hash_of( $user_id, $secret ); // Not connected.
	}
	if ( ! isset( $said['user_id'], $said['user_token'] ) ) {
		return null;
	}
	return array(
		'user_id'    => (string) $said['user_id'],
		'user_token' => (string) $said['user_token'],
	);
}
