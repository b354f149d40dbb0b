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
	$known    = $user && '' !== $secret;
	$response = new WP_REST_Response( $known ? parley_identity_of( $user, $secret ) : null, $known ? 200 : 204 );
	$response->header( 'Cache-Control', 'no-store, private' );
	$response->header( 'Vary', 'Cookie' );
	return $response;
}

/**
 * What SoftbetChat('identify', …) takes. Only the id is signed.
 *
 * @param WP_User $user   Who is logged in.
 * @param string  $secret The workspace's Identity secret.
 * @return array<string, string>
 */
function parley_identity_of( $user, $secret ) {
	return array(
		'user_id'   => (string) $user->ID,
		'user_hash' => hash_hmac( 'sha256', (string) $user->ID, $secret ),
		'name'      => $user->display_name,
		'email'     => $user->user_email,
	);
}
