<?php
/**
 * What the merchant has entered: the public half on every page, the secret half only where it is used.
 *
 * @package Parley
 */

defined( 'ABSPATH' ) || exit;

/**
 * The hub's address and the widget's id, with what every page has to know of the secret half.
 *
 * @return array{hub: string, app_id: string, identity: bool, orders: bool}
 */
function parley_settings() {
	$empty = array(
		'hub'      => '',
		'app_id'   => '',
		'identity' => false,
		'orders'   => false,
	);
	$saved = get_option( 'parley_settings', array() );
	return wp_parse_args( is_array( $saved ) ? $saved : array(), $empty );
}

/**
 * A secret: the constant in wp-config.php if there is one, else what was entered.
 *
 * @param string $name Either api_key or identity_secret.
 * @return string Empty if there is none.
 */
function parley_secret( $name ) {
	if ( parley_is_constant( $name ) ) {
		return (string) constant( 'PARLEY_' . strtoupper( $name ) );
	}
	$saved = get_option( 'parley_secrets', array() );
	return is_array( $saved ) && isset( $saved[ $name ] ) ? (string) $saved[ $name ] : '';
}

/**
 * Whether wp-config.php defines this secret, so that it cannot be entered.
 *
 * @param string $name Either api_key or identity_secret.
 * @return bool
 */
function parley_is_constant( $name ) {
	return defined( 'PARLEY_' . strtoupper( $name ) );
}

/**
 * Whether the chat can be shown.
 *
 * @return bool
 */
function parley_is_set_up() {
	$settings = parley_settings();
	return '' !== $settings['hub'] && '' !== $settings['app_id'];
}

/**
 * Whether logged-in customers can be proven.
 *
 * @return bool
 */
function parley_can_identify() {
	$settings = parley_settings();
	return parley_is_set_up() && ( $settings['identity'] || parley_is_constant( 'identity_secret' ) );
}

/**
 * Whether orders are to be sent.
 *
 * @return bool
 */
function parley_sends_orders() {
	$settings = parley_settings();
	return '' !== $settings['hub'] && ( $settings['orders'] || parley_is_constant( 'api_key' ) );
}

/**
 * The hub's origin out of what somebody typed or pasted.
 *
 * @param string $typed With or without a scheme and a path.
 * @return string Empty if it is none; http only for this very machine.
 */
function parley_clean_hub( $typed ) {
	$typed = trim( $typed );
	if ( '' !== $typed && false === strpos( $typed, '://' ) ) {
		$typed = 'https://' . $typed;
	}
	$parts = wp_parse_url( $typed );
	if ( ! is_array( $parts ) || empty( $parts['scheme'] ) || empty( $parts['host'] ) || isset( $parts['user'] ) ) {
		return '';
	}
	$scheme = strtolower( $parts['scheme'] );
	$host   = strtolower( $parts['host'] );
	$local  = in_array( $host, array( 'localhost', '127.0.0.1' ), true );
	if ( ! preg_match( '/^[a-z0-9.-]+$/', $host ) || ! ( 'https' === $scheme || ( 'http' === $scheme && $local ) ) ) {
		return '';
	}
	return $scheme . '://' . $host . ( isset( $parts['port'] ) ? ':' . (int) $parts['port'] : '' );
}

/**
 * A value as its kind is written, or nothing.
 *
 * @param string $name  One of app_id, api_key, identity_secret.
 * @param string $typed What was entered.
 * @return string Empty if it is not one.
 */
function parley_clean( $name, $typed ) {
	$shapes = array(
		'app_id'          => '/^[A-Za-z0-9_-]{24,64}$/D',
		'api_key'         => '/^wgk_[A-Za-z0-9_-]{24,200}$/D',
		'identity_secret' => '/^[\x21-\x7e]{16,200}$/D',
	);
	$typed  = trim( $typed );
	return preg_match( $shapes[ $name ], $typed ) ? $typed : '';
}
